//! A synthetic genome in the formats that the readers read.

use std::io::{self, Write};

use super::genome::{PlacedGene, SyntheticGenome};
use crate::record::Strand;

/// Bases a line of FASTA.
const FASTA_LINE: usize = 70;

impl PlacedGene {
    /// First and last base counted from 1, and what lies beyond the origin: the length of the part before it.
    fn ends(&self, total: usize) -> (usize, usize, Option<usize>) {
        let end = self.start + self.length;
        (self.start + 1, end, (end > total).then_some(total))
    }

    /// As GenBank writes it.
    pub(super) fn location(&self, total: usize) -> String {
        let forward = match self.ends(total) {
            (start, end, None) => format!("{start}..{end}"),
            (start, end, Some(total)) => format!("join({start}..{total},1..{})", end - total),
        };
        if self.strand == Strand::Forward {
            forward
        } else {
            format!("complement({forward})")
        }
    }
}

/// A GenBank record.
pub(super) fn genbank(genome: &SyntheticGenome, out: &mut dyn Write) -> io::Result<()> {
    let total = genome.sequence.len();
    let accession = genome.contig.trim_end_matches(".1");
    writeln!(
        out,
        "LOCUS       {accession:<16} {total:>11} bp    DNA     circular SYN 01-JAN-2000"
    )?;
    writeln!(out, "DEFINITION  Synthetic genome {}.", genome.id)?;
    writeln!(out, "ACCESSION   {accession}\nVERSION     {}", genome.contig)?;
    writeln!(
        out,
        "KEYWORDS    .\nSOURCE      synthetic construct\n  ORGANISM  synthetic construct\n            other sequences; artificial sequences."
    )?;
    writeln!(out, "FEATURES             Location/Qualifiers")?;
    writeln!(
        out,
        "     source          1..{total}\n                     /organism=\"synthetic construct\"\n                     /mol_type=\"genomic DNA\""
    )?;
    for gene in &genome.genes {
        let location = gene.location(total);
        let names = format!(
            "                     /gene=\"{}\"\n                     /locus_tag=\"{}\"\n",
            gene.name, gene.locus_tag
        );
        let pseudo = if gene.is_pseudo {
            "                     /pseudo\n"
        } else {
            ""
        };
        write!(
            out,
            "     gene            {location}\n{names}{pseudo}     CDS             {location}\n{names}{pseudo}"
        )?;
        writeln!(
            out,
            "                     /codon_start=1\n                     /transl_table={}",
            genome.genetic_code
        )?;
        writeln!(out, "                     /product=\"protein {}\"", gene.name)?;
    }
    writeln!(out, "ORIGIN")?;
    for (line, bases) in genome.sequence.chunks(60).enumerate() {
        write!(out, "{:>9}", line * 60 + 1)?;
        for block in bases.chunks(10) {
            out.write_all(b" ")?;
            out.write_all(&block.to_ascii_lowercase())?;
        }
        out.write_all(b"\n")?;
    }
    writeln!(out, "//")
}

/// FASTA of the chromosome.
pub(super) fn fasta(genome: &SyntheticGenome, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        ">{} synthetic genome {} [topology=circular]",
        genome.contig, genome.id
    )?;
    wrapped(&genome.sequence, out)
}

/// FASTA of the coding sequences, with NCBI's headers.
pub(super) fn coding(genome: &SyntheticGenome, out: &mut dyn Write) -> io::Result<()> {
    let total = genome.sequence.len();
    for (at, gene) in genome.genes.iter().enumerate() {
        let pseudo = if gene.is_pseudo { " [pseudo=true]" } else { "" };
        writeln!(
            out,
            ">lcl|{}_cds_{} [gene={}] [locus_tag={}] [protein=protein {}]{pseudo} [location={}] [gbkey=CDS]",
            genome.contig,
            at + 1,
            gene.name,
            gene.locus_tag,
            gene.name,
            gene.location(total)
        )?;
        wrapped(&gene.coding, out)?;
    }
    Ok(())
}

/// The annotation of [`fasta`] as GFF3.
pub(super) fn gff(genome: &SyntheticGenome, out: &mut dyn Write) -> io::Result<()> {
    let (contig, total) = (&genome.contig, genome.sequence.len());
    writeln!(out, "##gff-version 3\n##sequence-region {contig} 1 {total}")?;
    writeln!(
        out,
        "{contig}\tsynthetic\tregion\t1\t{total}\t.\t+\t.\tID={contig}:1..{total};Is_circular=true"
    )?;
    for gene in &genome.genes {
        let strand = if gene.strand == Strand::Forward { '+' } else { '-' };
        let (start, end, _) = gene.ends(total);
        let tag = &gene.locus_tag;
        let pseudo = if gene.is_pseudo { ";pseudo=true" } else { "" };
        let name = &gene.name;
        let place =
            |kind, phase| format!("{contig}\tsynthetic\t{kind}\t{start}\t{end}\t.\t{strand}\t{phase}");
        writeln!(
            out,
            "{}\tID=gene-{tag};Name={name};gene={name};locus_tag={tag}{pseudo}",
            place("gene", '.')
        )?;
        writeln!(
            out,
            "{}\tID=cds-{tag};Parent=gene-{tag};product=protein {name};transl_table={}{pseudo}",
            place("CDS", '0'),
            genome.genetic_code
        )?;
    }
    Ok(())
}

fn wrapped(sequence: &[u8], out: &mut dyn Write) -> io::Result<()> {
    for line in sequence.chunks(FASTA_LINE) {
        out.write_all(line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
