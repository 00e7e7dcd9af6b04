#!/bin/sh
# Builds the wheel of the LMS's app into a directory, where a Python can; says so where none can, and ends well.
set -eu
to=$1
from=$(cd "$(dirname "$0")" && pwd)
for python in python3 /usr/bin/python3; do
  if "$python" -c 'import setuptools, wheel' 2>/dev/null; then
    rm -rf "$to/lms" && mkdir -p "$to/lms"
    cp -R "$from/pyproject.toml" "$from/README.md" "$from/LICENSE" "$from/writebehind_lms" "$to/lms"
    find "$to/lms" -name __pycache__ -type d -prune -exec rm -rf {} +
    cd "$to/lms"
    if SOURCE_DATE_EPOCH=1767225600 "$python" -c 'import setuptools.build_meta as b; b.build_wheel("..")' >build.log 2>&1
    then
      echo "The LMS's app is $(cd .. && ls completion_writebehind_lms-*.whl)"
      exit 0
    fi
    echo "$python could not build the LMS's app:" && tail -n 5 build.log
  fi
done
echo "There is no wheel of the LMS's app: no Python here has setuptools and wheel (Debian: python3-setuptools, python3-wheel)"
