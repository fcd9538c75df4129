#!/bin/bash -eu
# ClusterFuzzLite builds what OSS-Fuzz builds, by the same script.
exec bash -eu "$SRC/mailproof/oss-fuzz/build.sh"
