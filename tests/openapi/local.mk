# what holds conf/openapi.json against the program: a linter, the tables, every answer
EXTRA_DIST += tests/openapi/run tests/openapi/compare.py tests/openapi/redocly.yaml tests/openapi/.npmrc \
	tests/openapi/package.json tests/openapi/package-lock.json \
	tests/rig/openapi.py tests/e2e/test_openapi.py
