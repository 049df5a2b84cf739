//! A real Redis as cache, in every state it can be in: no byte of a result depends on it (RELIABILITY, row D6).

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use genome_contract::ExitCode;
use serde_json::json;

use super::support::{Place, assert_identical};

/// A server of its own, on loopback, without a file; it ends with the test.
struct Server {
    process: Child,
    port: u16,
}

impl Server {
    /// `None` where there is no program, which is said; in CI there has to be one.
    fn start() -> Option<Self> {
        let port = free_port();
        let started = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--protected-mode", "no"])
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = started else {
            assert!(std::env::var_os("CI").is_none(), "`redis-server` is missing");
            println!("SKIPPED, `redis-server` is not installed");
            return None;
        };
        let server = Self { process, port };
        let begin = Instant::now();
        while server.connect().is_err() {
            assert!(
                begin.elapsed() < Duration::from_secs(10),
                "the server does not answer"
            );
            sleep(Duration::from_millis(10));
        }
        Some(server)
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        TcpStream::connect_timeout(
            &SocketAddr::from(([127, 0, 0, 1], self.port)),
            Duration::from_secs(1),
        )
    }

    fn uri(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    fn run(&self, script: &str) -> String {
        self.ask(&["EVAL", script, "0"])
    }

    fn ask(&self, command: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-p", &self.port.to_string()])
            .args(command)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert!(!said.contains("ERR"), "{said}");
        said
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args(["-s", name, &self.process.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// All tasks with the cache at `uri`: hits, seconds, and how many pods asked the cache.
fn run(place: &Place, output: &str, uri: &str) -> (u64, f64, u32) {
    place.request(output, 1, |request| {
        request["cache"] = json!({"mode": "ReadWrite", "uri": uri, "ttlSeconds": 3600});
    });
    let begin = Instant::now();
    place.verb("plan", 0, ExitCode::Success);
    let plan = place.message().plan.unwrap();
    let mut hits = place.message().genomes.cached;
    if !plan.all_done {
        for task in 0..plan.tasks {
            place.verb("map", task, ExitCode::Success);
            hits += place.message().genomes.cached;
        }
        place.verb("merge", 0, ExitCode::Success);
    }
    let seconds = begin.elapsed().as_secs_f64();
    if output != "first" {
        assert_identical(&place.path("first"), &place.path(output));
    }
    // The plan asks too.
    (hits, seconds, plan.tasks + 1)
}

#[test]
fn whatever_state_redis_is_in_the_results_are_the_same() {
    let Some(server) = Server::start() else { return };
    let place = Place::with_twelve_genomes();
    let nobody = format!("redis://127.0.0.1:{}", free_port());
    let (uri, cached) = (server.uri(), |output: &str| run(&place, output, &server.uri()).0);

    assert_eq!(run(&place, "first", &uri).0, 0);
    assert_eq!(cached("warm"), 12);
    let ttl = server.run("return redis.call('TTL', redis.call('KEYS', 'local:analysis:*')[1])");
    assert!((1..=3600).contains(&ttl.parse().unwrap()), "{ttl}");

    // Each value changed, longer than ours, or of another type; then a server that takes nothing more.
    let each = |change: &str| {
        format!("for _, key in ipairs(redis.call('KEYS', 'local:*')) do {change} end return 'done'")
    };
    server.run(&each("redis.call('SETRANGE', key, 60, 'hostile')"));
    assert_eq!(cached("damaged"), 0);
    server.run(&each("redis.call('SET', key, string.rep('A', 1000000))"));
    assert_eq!(cached("foreign"), 0);
    server.run(&each("redis.call('DEL', key) redis.call('LPUSH', key, 'x')"));
    assert_eq!(cached("another-type"), 0);
    server.ask(&["FLUSHALL"]);
    server.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    assert_eq!(cached("full"), 0);

    let (hits, without, _) = run(&place, "nobody", &nobody);
    assert_eq!(hits, 0);
    server.signal("STOP");
    let (hits, slow, pods) = run(&place, "asleep", &uri);
    server.signal("CONT");
    println!("no Redis {without:.2} s, a sleeping one {slow:.2} s");
    assert_eq!(hits, 0);
    // A pod waits for it once, two seconds; the rest is a busy machine's.
    assert!(slow < without * 3.0 + 2.5 * f64::from(pods) + 5.0, "{slow} s");
}
