
# For people, also where the test has failed.
stage='@@NAME@@'
summary=$state/@@NAME@@.summary
mkdir -p "$state/@@NAME@@"
cat > /usr/local/bin/@@NAME@@ <<'SCRIPT'
#!/bin/bash
# Runs @@NAME@@ again; --help lists the options.
exec python3 /opt/cache-client/@@NAME@@.zip --config /etc/cache-client/config.json \
  --output /var/lib/cache-client/@@NAME@@ --summary /var/lib/cache-client/@@NAME@@.summary "$@"
SCRIPT
chmod 755 /usr/local/bin/@@NAME@@
problem='@@NAME@@ was not fetched'
for attempt in 1 2 3 4 5; do
  said=$(timeout -k 5 60 aws s3 cp --only-show-errors --region '@@REGION@@' \
    's3://@@BUCKET@@/@@KEY@@' /opt/cache-client/@@NAME@@.zip 2>&1)
  fetched=$?
  [ "$fetched" -ne 0 ] || break
  echo "attempt $attempt: $said"
  sleep $((attempt * 2))
done
if [ "$verdict" -eq 0 ]; then
  # A script that ends here must not signal the test's verdict as its own.
  tested=$body
  body=''
  rm -f "$summary"
  status=0
  if [ "$fetched" -eq 0 ]; then
    problem='@@NAME@@ did not end'
    timeout -k 10 @@SECONDS@@ /usr/local/bin/@@NAME@@
    status=$?
  fi
  problem='the result of @@NAME@@ could not be read'
  body=$(printf '%s' "$tested" | PYTHONPATH=/opt/cache-client/connection_test.zip timeout -k 5 30 python3 -m connection_test.program_verdict \
    --name '@@NAME@@' --fetched "$fetched" --said "${said:0:4000}" --place 's3://@@BUCKET@@' --status "$status" \
    --seconds @@SECONDS@@ --summary "$summary" --signal /dev/stdin --on-failure @@ON_FAILURE@@)
  case $? in
    0) ;;
    3) verdict=$((status ? status : 1)) ;;
    *) body=''; exit 1 ;;
  esac
fi
