//! The program as people and pods run it: the real binary, real files, its exit codes, its words.

mod cli {
    pub(crate) mod bad_input;
    pub(crate) mod cohort;
    pub(crate) mod identical;
    pub(crate) mod laptop;
    pub(crate) mod large_input;
    pub(crate) mod memory;
    pub(crate) mod pooled;
    #[cfg(feature = "gene-prediction")]
    pub(crate) mod prediction;
    pub(crate) mod redis;
    pub(crate) mod reference;
    pub(crate) mod support;
    pub(crate) mod verbs;
}
