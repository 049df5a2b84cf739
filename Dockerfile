# syntax=docker/dockerfile:1
# The images: `--target operator` and `--target analyzer`, each one static file on an empty file system.
#
#   toolchain ─► chef ─► recipe (manifests only) ─► dependencies ─► build ─► operator, analyzer
#
# A change of sources alone leaves the recipe as it was, so the dependencies come from the layer cache.
ARG RUST_IMAGE=rust:1.95-bookworm

FROM ${RUST_IMAGE} AS chef
# Every layer from here on is known as ours, so that those of earlier builds can be removed.
LABEL org.opencontainers.image.vendor=genome-operator
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo install --locked cargo-chef --version 0.1.78 --root /usr/local
WORKDIR /source

FROM chef AS recipe
COPY . .
RUN cargo chef prepare --recipe-path /recipe.json

FROM chef AS build
# With --target, the flags do not reach build scripts and procedural macros, which can't be static.
ENV RUSTFLAGS="-C target-feature=+crt-static"
COPY --from=recipe /recipe.json /recipe.json
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo chef cook --release --locked --recipe-path /recipe.json \
        --target "$(rustc -vV | sed -n 's/^host: //p')" --package genome-operator --package genomic_pleiotropy
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    target=$(rustc -vV | sed -n 's/^host: //p') && \
    cargo build --release --locked --target "$target" --bin genome-operator --bin genomic_pleiotropy && \
    mkdir /output && \
    cp "target/$target/release/genome-operator" "target/$target/release/genomic_pleiotropy" /output/

FROM scratch AS operator
LABEL org.opencontainers.image.vendor=genome-operator \
    org.opencontainers.image.title=genome-operator \
    org.opencontainers.image.licenses=Apache-2.0
COPY --from=build /output/genome-operator /genome-operator
USER 65532:65532
ENTRYPOINT ["/genome-operator"]

FROM scratch AS analyzer
LABEL org.opencontainers.image.vendor=genome-operator \
    org.opencontainers.image.title=genome-analyzer \
    org.opencontainers.image.licenses="Apache-2.0 AND GPL-3.0-or-later"
COPY --from=build /output/genomic_pleiotropy /genomic_pleiotropy
USER 65532:65532
ENTRYPOINT ["/genomic_pleiotropy"]
