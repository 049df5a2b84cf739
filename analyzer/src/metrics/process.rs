//! This process's memory, processor time and traffic, read at each scrape.

use std::fmt;

use genome_contract::process::{Reading, readings};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
};

#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        for Reading {
            name,
            help,
            is_counter,
            values,
        } in readings()
        {
            let kind = if is_counter {
                MetricType::Counter
            } else {
                MetricType::Gauge
            };
            let mut family = encoder.encode_descriptor(name, help, None, kind)?;
            for (direction, value) in values {
                let labels = direction
                    .map(|word| [("direction", word)])
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>();
                let metric = family.encode_family(&labels)?;
                if is_counter {
                    ConstCounter::new(value).encode(metric)?;
                } else {
                    ConstGauge::new(value).encode(metric)?;
                }
            }
        }
        Ok(())
    }
}
