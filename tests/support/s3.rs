//! A real S3 server on loopback, where `versitygw` was built for the test cluster, and the caller's environment for it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use object_store::ObjectStore;
use object_store::aws::AmazonS3Builder;

const KEY: &str = "genomes";
const SECRET: &str = "not-a-secret-but-long-enough";

/// The server; it ends with this.
pub struct S3 {
    child: Child,
    port: u16,
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program: `VERSITYGW`, or what `tools.sh versitygw` has built.
fn program() -> Option<PathBuf> {
    if let Some(program) = std::env::var_os("VERSITYGW").filter(|program| !program.is_empty()) {
        return Some(program.into());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let tools = fs::read_dir(cache.join("genome-operator/tools")).ok()?;
    let candidates = tools.filter_map(|entry| Some(entry.ok()?.path().join("versitygw")));
    candidates.filter(|path| path.is_file()).max()
}

impl S3 {
    /// Starts a server with `bucket`, whose files lie below `folder`; `None`, and a line that says so, where there is no program.
    pub fn start(folder: &Path, bucket: &str) -> Option<Self> {
        let Some(program) = program() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "`versitygw` is missing, and in CI nothing is skipped"
            );
            eprintln!("SKIPPED: no S3 server; hint: tests/cluster/kubernetes/tools.sh versitygw");
            return None;
        };
        fs::create_dir_all(folder.join(bucket)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let child = Command::new(program)
            .args(["--quiet", "--port", &format!("127.0.0.1:{port}"), "posix"])
            .arg(folder)
            .env("ROOT_ACCESS_KEY", KEY)
            .env("ROOT_SECRET_KEY", SECRET)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, port };
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "the S3 server did not begin to listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(server)
    }

    /// What a Secret of the manifest would hold.
    pub fn environment(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ACCESS_KEY_ID", KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
        ]
    }

    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The bucket, for a test that looks at it.
    pub fn bucket(&self, bucket: &str) -> Arc<dyn ObjectStore> {
        let store = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_endpoint(self.endpoint())
            .with_region("us-east-1")
            .with_access_key_id(KEY)
            .with_secret_access_key(SECRET)
            .with_allow_http(true);
        Arc::new(store.build().unwrap())
    }
}
