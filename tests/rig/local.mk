# the rig, its tests, the lint and the one command that runs all: nothing is built, all goes into the tarball
EXTRA_DIST += tests/run tests/rings.sh tests/tsan.supp tests/lsan.supp tests/lint/run .ci/run \
	tests/fault/kill_loop.py \
	tests/rig/__init__.py tests/rig/case.py tests/rig/client.py tests/rig/desk.py tests/rig/handbox.py tests/rig/hooks.py tests/rig/kannel.py \
	tests/rig/mail.py \
	tests/rig/proc.py tests/rig/servers.py tests/rig/shell.py \
	tests/rig/smsc.py \
	tests/e2e/conftest.py \
	tests/e2e/test_api_faults.py \
	tests/e2e/test_cli.py \
	tests/e2e/test_cli_copy.py \
	tests/e2e/test_contacts.py \
	tests/e2e/test_handover.py \
	tests/e2e/test_hooks.py \
	tests/e2e/test_kannel_door.py \
	tests/e2e/test_mail.py \
	tests/e2e/test_messages.py \
	tests/e2e/test_openapi.py \
	tests/e2e/test_people.py \
	tests/e2e/test_rig.py \
	tests/e2e/test_seed_path.py \
	tests/e2e/test_standing.py \
	tests/e2e/test_task_lists.py \
	tests/e2e/test_tasks.py \
	tests/e2e/test_why.py \
	tests/e2e/test_why_task.py \
	tests/e2e/test_workflows.py
