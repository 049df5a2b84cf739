//! An external metric, served as an aggregated API of the cluster: what KEDA or an adapter for Prometheus does.

use std::{
    fs, io,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{Router, extract::Path, routing::get, serve::Listener};
use cluster_tests::eventually;
use k8s_openapi::{
    ByteString, api::core::v1::Service, jiff::Timestamp,
    kube_aggregator::pkg::apis::apiregistration::v1::APIService,
};
use kube::{
    Api,
    api::{DeleteParams, PostParams},
};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
    server::TlsStream,
};

use crate::{
    simulated::World,
    support::{repository, run},
};

const PATH: &str = "/apis/external.metrics.k8s.io/v1beta1";
const NAME: &str = "v1beta1.external.metrics.k8s.io";

/// One number under every name, in every namespace, until it is taken down.
pub(crate) struct ExternalMetric {
    value: Arc<AtomicI64>,
    server: JoinHandle<()>,
}

impl ExternalMetric {
    /// Serves `value`, and waits until the API server passes it on.
    pub(crate) async fn serve(world: &World<'_>, value: i64) -> Self {
        let (certificate, key) = self_signed(world);
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = tcp.local_addr().unwrap().port();
        let acceptor = acceptor(&certificate, &key);
        let value = Arc::new(AtomicI64::new(value));
        let router = router(value.clone());
        let server = tokio::spawn(async move {
            axum::serve(TlsListener { tcp, acceptor }, router).await.unwrap();
        });
        register(world, port, certificate).await;
        Self { value, server }
    }

    pub(crate) fn set(&self, value: i64) {
        self.value.store(value, Ordering::Relaxed);
    }

    pub(crate) async fn stop(self, world: &World<'_>) {
        let registered = Api::<APIService>::all(world.client.clone());
        registered.delete(NAME, &DeleteParams::default()).await.unwrap();
        self.server.abort();
    }
}

/// A Service by a name that means this machine: the API server refuses endpoints on loopback, and follows a name.
async fn register(world: &World<'_>, port: u16, certificate: Vec<u8>) {
    let service: Service = serde_json::from_value(json!({
        "metadata": {"name": "metrics"}, "spec": {"type": "ExternalName", "externalName": "localhost"},
    }))
    .unwrap();
    let services = Api::<Service>::namespaced(world.client.clone(), &world.namespace);
    services.create(&PostParams::default(), &service).await.unwrap();
    let mut registered: APIService = serde_json::from_value(json!({
        "metadata": {"name": NAME},
        "spec": {
            "group": "external.metrics.k8s.io", "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100,
            "service": {"name": "metrics", "namespace": world.namespace, "port": port},
        },
    }))
    .unwrap();
    registered.spec.as_mut().unwrap().ca_bundle = Some(ByteString(certificate));
    let all = Api::<APIService>::all(world.client.clone());
    all.create(&PostParams::default(), &registered).await.unwrap();
    eventually("the API server passes the metric on", async || {
        let conditions = all.get(NAME).await.ok()?.status?.conditions?;
        conditions
            .iter()
            .any(|one| one.type_ == "Available" && one.status == "True")
            .then_some(())
    })
    .await;
}

fn router(value: Arc<AtomicI64>) -> Router {
    let list = move |Path((_, metric)): Path<(String, String)>| {
        let value = value.load(Ordering::Relaxed);
        async move { answer(&values(&metric, value)) }
    };
    let resources = json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "external.metrics.k8s.io/v1beta1",
        "resources": [{"name": "genomes_waiting", "singularName": "", "namespaced": true, "kind": "ExternalMetricValueList", "verbs": ["get"]}],
    });
    Router::new()
        .route(PATH, get(async move || answer(&resources)))
        .route(&format!("{PATH}/namespaces/{{namespace}}/{{metric}}"), get(list))
}

fn answer(value: &Value) -> ([(&'static str, &'static str); 1], String) {
    ([("content-type", "application/json")], value.to_string())
}

fn values(metric: &str, value: i64) -> Value {
    json!({
        "kind": "ExternalMetricValueList", "apiVersion": "external.metrics.k8s.io/v1beta1", "metadata": {},
        "items": [{"metricName": metric, "metricLabels": {}, "timestamp": Timestamp::now(), "value": value.to_string()}],
    })
}

/// Certificate and key as PEM, by the program that makes the cluster's own.
fn self_signed(world: &World<'_>) -> (Vec<u8>, Vec<u8>) {
    let folder = repository().join("target/cluster-tests");
    let file = |end: &str| folder.join(format!("{}-metrics.{end}", world.namespace));
    let (certificate, key) = (file("crt"), file("key"));
    run(Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            "/CN=metrics",
            "-addext",
            &format!("subjectAltName=DNS:metrics.{}.svc", world.namespace),
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate));
    let take = |file: &PathBuf| {
        let bytes = fs::read(file).unwrap();
        fs::remove_file(file).unwrap();
        bytes
    };
    (take(&certificate), take(&key))
}

fn acceptor(certificate: &[u8], key: &[u8]) -> TlsAcceptor {
    let chain = vec![CertificateDer::from_pem_slice(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.tcp.accept().await else {
                continue;
            };
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}
