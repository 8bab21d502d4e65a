#!/bin/bash -eu
# The build stands in the project, where a change of the targets changes it too.
exec bash -eu "$SRC/partproof/.clusterfuzzlite/build.sh"
