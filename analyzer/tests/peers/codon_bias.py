"""The package codon-bias, asked by tests/peers.rs.

usage: codon_bias.py FASTA REFERENCES TABLE    CAI and ENC of each sequence; the first REFERENCES are the reference set
       codon_bias.py tables                    table, codon and amino acid of every translation table
"""

import sys

from codonbias.scores import CodonAdaptationIndex, EffectiveNumberOfCodons
from codonbias.stats import gc

if sys.argv[1:] == ["tables"]:
    for table in gc.columns:
        for codon, amino_acid in gc[table].items():
            print(f"{table}\t{codon}\t{amino_acid}")
    sys.exit()

fasta, references, table = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with open(fasta, encoding="ascii") as lines:
    sequences = [line.strip() for line in lines if not line.startswith(">")]
cai = CodonAdaptationIndex(sequences[:references], genetic_code=table, pseudocount=1)
# As Wright has it: none of the corrections that came later.
enc = EffectiveNumberOfCodons(robust=False, pseudocount=0, mean="unweighted", genetic_code=table)
for sequence in sequences:
    print(f"{cai.get_score(sequence):.12f}\t{enc.get_score(sequence):.12f}")
