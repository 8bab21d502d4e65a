#!/bin/bash -eu
# Builds the fuzz targets into $OUT, with what an engine needs to run each: TARGET, TARGET_seed_corpus.zip, TARGET.options and, where
# there is one, TARGET.dict. The same for OSS-Fuzz and ClusterFuzzLite, which set SRC, OUT, SANITIZER, FUZZING_ENGINE, RUSTFLAGS and
# more; `.ci/clusterfuzzlite` runs it without their image.

cd "$SRC/partproof"

if [ "${FUZZING_ENGINE:-libfuzzer}" != libfuzzer ]; then
  echo "the targets are for libFuzzer, not for $FUZZING_ENGINE" >&2
  exit 1
fi

options=()
case "$SANITIZER" in
  # `cargo fuzz` names the sanitizer itself, and passes RUSTFLAGS on.
  address) options+=(--sanitizer address) ;;
  # For coverage the image's own `cargo` takes the place of `cargo fuzz build` and of its options.
  coverage | none) options+=(--sanitizer none) ;;
  *)
    echo "no build for the sanitizer $SANITIZER" >&2
    exit 1
    ;;
esac
# With optimisation, for speed; with debug assertions and checked arithmetic, for an overflow is a finding.
# Traced comparisons would take a third of the time, and the planted faults are found without.
cargo fuzz build -O --debug-assertions --no-trace-compares "${options[@]}"

built="fuzz/target/${ARCHITECTURE:-x86_64}-unknown-linux-gnu/release"
# Not `cargo fuzz list`: for coverage, the image's `cargo` builds whatever `cargo fuzz` is asked for.
for source in fuzz/fuzz_targets/*.rs; do
  target=$(basename "$source" .rs)
  cp "$built/$target" "$OUT/"
  # From within the folder, so that the archive has names without folders. The list is sorted and -X leaves owners out.
  rm -f "$OUT/${target}_seed_corpus.zip"
  (cd "fuzz/corpus/$target" && find . -type f | LC_ALL=C sort | zip -q -X -@ "$OUT/${target}_seed_corpus.zip")
  # Documents have dictionaries and up to 4 KiB; the other targets draw a case from at most 257 bytes. See fuzz/engine.py.
  longest=257
  dictionary=
  if [ -f "fuzz/dict/$target.dict" ]; then
    longest=4096
    dictionary="dict = $target.dict"
    cp "fuzz/dict/$target.dict" "$OUT/"
  fi
  # Bounded time and memory are part of the law. Looking for a smaller input on every execution takes a fifth of the time; the engines
  # minimise by themselves.
  cat >"$OUT/$target.options" <<END
[libfuzzer]
max_len = $longest
reduce_inputs = 0
timeout = 10
rss_limit_mb = 2048
$dictionary
END
done
