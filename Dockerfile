# The command in an image of its own: docker run --rm IMAGE check. It writes nothing, listens on the loopback of its container, and runs as nobody.
# A subject has to be in the image too: see docs/CI.md for an image with an adapter.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --locked --release --bin partproof && strip target/release/partproof

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /source/target/release/partproof /usr/local/bin/partproof
ENTRYPOINT ["/usr/local/bin/partproof"]
