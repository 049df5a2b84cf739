//! Redis: a real server on loopback, started here and stopped by its process id. The rows measure the server through
//! the client, which is what a cache in Redis can give.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use redis::{Client, Commands as _};

use crate::Bench;
use crate::table::{Floor, Row};

const OPERATIONS: u32 = 20_000;
const MESSAGES: usize = 1000;
const PATIENCE: Duration = Duration::from_secs(5);

const RATE: &str = "Redis server through a client, SET and GET in turn";
const LATENCY: &str = "Redis server, publish to receive, 99th percentile";

/// Operations a second and the latency of a message, or why there are none.
pub(crate) fn rows(bench: &Bench) -> Vec<Row> {
    let (rate, latency) = match measure(bench) {
        Ok((rate, latency)) => (Ok(rate), Ok(latency)),
        Err(error) => (Err(format!("{error:#}")), Err(format!("{error:#}"))),
    };
    let row = |figure, measured, floor, unit| Row {
        figure,
        measured,
        floor,
        unit,
        note: String::new(),
    };
    vec![
        row(RATE, rate, Floor::Above(10_000.0), "/s"),
        row(LATENCY, latency, Floor::Below(0.01), "s"),
    ]
}

fn measure(bench: &Bench) -> Result<(f64, f64)> {
    let server = Server::start(bench)?;
    Ok((server.rate()?, server.latency()?))
}

struct Server {
    child: Child,
    client: Client,
}

impl Server {
    fn start(bench: &Bench) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
        let mut command = Command::new("redis-server");
        command
            .args([
                "--bind",
                "127.0.0.1",
                "--port",
                &port,
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
            ])
            .arg(&bench.work)
            .stdout(Stdio::null());
        let child = command.spawn().context("`redis-server` is not installed")?;
        let client = Client::open(format!("redis://127.0.0.1:{port}"))?;
        let server = Self { child, client };
        let begin = Instant::now();
        while server.client.get_connection().is_err() {
            if begin.elapsed() > PATIENCE {
                bail!("`redis-server` does not answer");
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(server)
    }

    fn rate(&self) -> Result<f64> {
        let mut connection = self.client.get_connection()?;
        let begin = Instant::now();
        for number in 0..OPERATIONS / 2 {
            let () = connection.set("key", number)?;
            let found: u32 = connection.get("key")?;
            if found != number {
                bail!("set {number}, and got {found}");
            }
        }
        Ok(f64::from(OPERATIONS) / begin.elapsed().as_secs_f64())
    }

    fn latency(&self) -> Result<f64> {
        let (mut sender, mut receiver) = (self.client.get_connection()?, self.client.get_connection()?);
        receiver.set_read_timeout(Some(PATIENCE))?;
        let mut messages = receiver.as_pubsub();
        messages.subscribe("bench")?;
        let mut latencies = Vec::with_capacity(MESSAGES);
        for number in 0..MESSAGES {
            let begin = Instant::now();
            let () = sender.publish("bench", number)?;
            let payload: usize = messages.get_message()?.get_payload()?;
            latencies.push(begin.elapsed().as_secs_f64());
            if payload != number {
                bail!("published {number}, and received {payload}");
            }
        }
        latencies.sort_by(f64::total_cmp);
        Ok(latencies[MESSAGES * 99 / 100])
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to keep; one that is gone already is stopped as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
