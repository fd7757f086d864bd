# Fetches the connection test, runs it, tells CloudFormation, and leaves what a person needs.
set -uo pipefail
umask 022
state=/var/lib/cache-client
report=$state/report.json
signal=$state/signal.json
# The document for CloudFormation, which no file holds, because the disk can be full.
body=''
sent=''
mkdir -p "$state" /opt/cache-client /etc/cache-client
# An image can contain the files of an earlier client.
rm -f "$report" "$signal"
stage=start
problem='the user data ended early'
next='read /var/log/cloud-init-output.log, or the console output'

# Writes the signal of a failure, without Python. The template splits the data at double quotes.
failure() {
  text=$(printf '%s' "FAIL at $stage: $problem (exit status $1); next: $next" \
    | LC_ALL=C tr '"\\' "'/" | LC_ALL=C tr -c ' -~' ' ' | tr -s ' ')
  text=${text:0:900}
  status=SUCCESS
  [ '@@ON_FAILURE@@' != fail ] || status=FAILURE
  printf '{"Status": "%s", "Reason": "%s", "UniqueId": "connection-test", "Data": "%s"}' "$status" "$text" "$text"
}

# Sends the signal once.
send() {
  [ -z "$sent" ] || return 0
  sent=yes
  echo "signal: $body"
  printf '%s\n' "$body" | timeout -k 5 250 curl -sS --fail --max-time 30 --retry 6 --retry-delay 5 \
    --retry-all-errors -X PUT -H 'Content-Type:' --data-binary @- '@@HANDLE_URL@@' \
    || echo 'the signal was not accepted; CloudFormation will wait until its timeout'
  printf '%s\n' "$body" > "$signal"
}

# Always signal, also after a crash: without a signal the stack would wait for its whole timeout.
finish() {
  code=$?
  trap - EXIT
  [ -n "$body" ] || body=$(failure "$code")
  send
  exit "$code"
}
trap finish EXIT

problem='the configuration of the test could not be written; the disk can be full'
cat > /etc/cache-client/config.json <<'JSON'
@@CONFIG@@
JSON
[ -s /etc/cache-client/config.json ] || exit 1

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
problem='the connection test was not fetched'
for attempt in 1 2 3 4 5 6 7 8; do
  said=$(timeout -k 5 60 aws s3 cp --only-show-errors --region '@@REGION@@' \
    's3://@@BUCKET@@/@@KEY@@' /opt/cache-client/connection_test.zip 2>&1)
  fetched=$?
  [ "$fetched" -ne 0 ] || break
  echo "attempt $attempt: exit status $fetched $said"
  # A refusal may be a role that is still being made known; a minute is enough for that.
  sleep $((attempt * 2))
done
if [ "$fetched" -ne 0 ]; then
  problem="the connection test could not be read from s3://@@BUCKET@@: ${said:0:400}"
  next="give the role s3:GetObject, and let the S3 gateway endpoint's policy admit that bucket"
  case "$fetched $said" in
    127*)
      problem='the image has no command aws'
      next='use Amazon Linux 2023, or an image with the AWS command line and Python 3.9 or newer' ;;
    *'No space left'*) next='use an image with free disk space' ;;
    124* | 137* | *imeout* | *'timed out'* | *'ould not connect'*)
      problem="s3://@@BUCKET@@ did not answer, and the connection test was not fetched: ${said:0:400}"
      next="check the S3 gateway endpoint and the routes of the instance's subnet" ;;
  esac
  exit "$fetched"
fi

stage=test
problem='the connection test did not end'
started=$SECONDS
# The signal comes through the pipe of the substitution, and the report's lines go to the console.
exec 4>&1
body=$(timeout -k 10 330 python3 /opt/cache-client/connection_test.zip --config /etc/cache-client/config.json \
  --report "$report" --signal /dev/fd/3 --on-failure @@ON_FAILURE@@ 3>&1 >&4)
verdict=$?
if [ -z "$body" ]; then
  problem='the connection test ended without a verdict'
  case $verdict in
    124 | 137)
      if [ $((SECONDS - started)) -ge 330 ]; then
        problem='the connection test did not end within 330 s'
      else
        problem='the connection test was killed'
        next='choose an instance type with more memory, and look at the kernel messages in the console output'
      fi ;;
    126 | 127)
      problem='the image has no command python3'
      next='use Amazon Linux 2023, or an image with Python 3.9 or newer' ;;
  esac
  # A test that succeeded would have a verdict.
  exit $((verdict ? verdict : 1))
fi
@@PROGRAM@@
# Before anything that the verdict does not depend on.
send

# The secondaries of a Global Datastore measure how long these writes take to arrive.
if @@HEARTBEAT@@; then
  stage=heartbeat
  cat > /usr/local/bin/cache-heartbeat <<'SCRIPT'
#!/bin/bash
# Writes the time to the cache every half second.
exec python3 /opt/cache-client/connection_test.zip --config /etc/cache-client/config.json --wait-network 0 --wait-auth 0 --heartbeat "$@"
SCRIPT
  chmod 755 /usr/local/bin/cache-heartbeat
  timeout -k 5 30 systemd-run --quiet --unit=cache-heartbeat --property=Restart=always /usr/local/bin/cache-heartbeat \
    || setsid nohup /usr/local/bin/cache-heartbeat > "$state/heartbeat.log" 2>&1 < /dev/null &
fi

# For people; the verdict does not depend on it.
stage=command-line-client
if @@INSTALL_CLI@@; then
  if ! timeout -k 10 180 dnf install -y -q valkey > "$state/dnf.log" 2>&1; then
    tail -n 3 "$state/dnf.log"
    echo 'warning: the command-line client was not installed'
  fi
fi
exit "$verdict"
