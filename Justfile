# Each line stands elsewhere, too: in the README, in CONTRIBUTING.md, in .ci/run.

# What there is
default:
    @just --list

# The built-in client against every law
check *options:
    cargo run --release -- check {{ options }}

# All tests
test:
    cargo test --locked

# The part of the gate for each commit
quick:
    .ci/run quick

# Clippy, as the gate has it
clippy:
    cargo clippy --locked --workspace --all-targets -- -D warnings

# The gate
gate:
    .ci/run

# What takes a night, or the steps that are named
nightly *steps:
    .ci/nightly {{ steps }}

# Look at the texts that have changed, then take them
snapshots:
    INSTA_UPDATE=always cargo test --locked -p partproof --test command

# The generated pages
pages:
    PARTPROOF_WRITE_RULES=1 cargo test --locked -p partproof --test voices

# The published schemas
schemas:
    PARTPROOF_WRITE_SCHEMA=1 cargo test --locked -p partproof --test command

# The book, in target/book/html
book:
    .ci/book

# Fuzz all targets for a time
fuzz budget="10m":
    fuzz/nightly --budget {{ budget }}
