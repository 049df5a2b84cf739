//! This process's memory, processor time and traffic, read at each scrape.

use std::fmt;

use genome_contract::process::{Reading, readings};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder},
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
                let Some(word) = direction else {
                    one(value, is_counter, family)?;
                    break;
                };
                one(value, is_counter, family.encode_family(&[("direction", word)])?)?;
            }
        }
        Ok(())
    }
}

fn one(value: f64, is_counter: bool, metric: MetricEncoder<'_>) -> fmt::Result {
    if is_counter {
        ConstCounter::new(value).encode(metric)
    } else {
        ConstGauge::new(value).encode(metric)
    }
}
