# Fetches the connection test, runs it, tells CloudFormation, and leaves what a person needs.
set -uo pipefail
umask 022
state=/var/lib/cache-client
report=$state/report.json
signal=$state/signal.json
mkdir -p "$state" /opt/cache-client /etc/cache-client
stage=start
problem='the user data ended early'

# Always signal, also after a crash: without a signal the stack would wait for its whole timeout.
finish() {
  code=$?
  trap - EXIT
  if [ ! -s "$signal" ]; then
    python3 - "$stage" "$problem" "$code" @@ON_FAILURE@@ > "$signal" <<'PYTHON'
import json, sys
stage, problem, code, on_failure = sys.argv[1:5]
text = f"FAIL at {stage}: {problem} (exit status {code}); next: read /var/log/cloud-init-output.log, or the console output"
text = text.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "/")
text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
status = "FAILURE" if on_failure == "fail" else "SUCCESS"
print(json.dumps({"Status": status, "Reason": text[:900], "UniqueId": "connection-test", "Data": text[:900]}))
PYTHON
  fi
  echo "signal: $(cat "$signal")"
  curl -sS --fail --max-time 30 --retry 6 --retry-delay 5 --retry-all-errors \
    -X PUT -H 'Content-Type:' --data-binary "@$signal" '@@HANDLE_URL@@' \
    || echo 'the signal was not accepted; CloudFormation will wait until its timeout'
  exit "$code"
}
trap finish EXIT

cat > /etc/cache-client/config.json <<'JSON'
@@CONFIG@@
JSON

cat > /usr/local/bin/cache-connection-test <<'SCRIPT'
#!/bin/bash
# Tests the connection to the cache again; --help lists the options.
exec python3 /opt/cache-client/connection_test.zip --config /etc/cache-client/config.json --wait-network 0 --wait-auth 0 "$@"
SCRIPT
cat > /usr/local/bin/cache-cli <<'SCRIPT'
#!/bin/bash
# Opens the engine's command-line client, connected and authenticated.
exec python3 /opt/cache-client/connection_test.zip --config /etc/cache-client/config.json --cli "$@"
SCRIPT
chmod 755 /usr/local/bin/cache-connection-test /usr/local/bin/cache-cli

stage=fetch
for attempt in 1 2 3 4 5 6 7 8; do
  if said=$(timeout 60 aws s3 cp --only-show-errors --region '@@REGION@@' \
      's3://@@BUCKET@@/@@KEY@@' /opt/cache-client/connection_test.zip 2>&1); then
    problem=''
    break
  fi
  problem="the connection test could not be read from s3://@@BUCKET@@: $said; the role needs s3:GetObject, and the S3 gateway endpoint's policy must admit that bucket"
  echo "attempt $attempt: $said"
  # A refusal may be a role that is still being made known; a minute is enough for that.
  sleep $((attempt * 2))
done
[ -z "$problem" ] || exit 1

stage=test
problem='the connection test did not end'
timeout 330 python3 /opt/cache-client/connection_test.zip --config /etc/cache-client/config.json \
  --report "$report" --signal "$signal" --on-failure @@ON_FAILURE@@
verdict=$?
@@PROGRAM@@
# The secondaries of a Global Datastore measure how long these writes take to arrive.
if @@HEARTBEAT@@; then
  stage=heartbeat
  cat > /usr/local/bin/cache-heartbeat <<'SCRIPT'
#!/bin/bash
# Writes the time to the cache every half second.
exec python3 /opt/cache-client/connection_test.zip --config /etc/cache-client/config.json --wait-network 0 --wait-auth 0 --heartbeat "$@"
SCRIPT
  chmod 755 /usr/local/bin/cache-heartbeat
  systemd-run --quiet --unit=cache-heartbeat --property=Restart=always /usr/local/bin/cache-heartbeat \
    || setsid nohup /usr/local/bin/cache-heartbeat > "$state/heartbeat.log" 2>&1 < /dev/null &
fi

# For people; the verdict does not hang on it.
stage=command-line-client
if @@INSTALL_CLI@@; then
  if ! timeout 180 dnf install -y -q valkey > "$state/dnf.log" 2>&1; then
    tail -n 3 "$state/dnf.log"
    echo 'warning: the command-line client was not installed'
    python3 - "$signal" <<'PYTHON'
import json, sys
with open(sys.argv[1]) as file:
    document = json.load(file)
for key in ("Reason", "Data"):
    document[key] = (document[key] + " (warning: the command-line client was not installed)")[:1000]
with open(sys.argv[1], "w") as file:
    json.dump(document, file)
PYTHON
  fi
fi
exit "$verdict"
