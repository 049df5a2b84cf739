"""Prints the seconds that a job takes on a file: python time_of.py JOB FILE."""

import sys
import time


def biopython(file):
    from Bio import SeqIO

    def work():
        return list(SeqIO.parse(file, "genbank"))

    return work


def pyrodigal(file):
    import pyrodigal
    from Bio import SeqIO

    sequences = [bytes(record.seq) for record in SeqIO.parse(file, "fasta")]

    def work():
        finder = pyrodigal.GeneFinder()
        finder.train(*sequences)
        return [finder.find_genes(sequence) for sequence in sequences]

    return work


def codon_bias(file):
    import codonbias
    from Bio import SeqIO

    def work():
        sequences = [str(record.seq) for record in SeqIO.parse(file, "fasta")]
        return codonbias.scores.EffectiveNumberOfCodons().get_score(sequences)

    return work


job = {"biopython": biopython, "pyrodigal": pyrodigal, "codon-bias": codon_bias}[sys.argv[1]]
work = job(sys.argv[2])
begin = time.perf_counter()
work()
print(time.perf_counter() - begin)
