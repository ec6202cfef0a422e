import os
import signal
import subprocess
import sys


def test_the_worker_stops_cleanly_on_sigterm(tmp_path):
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/bot.db", "SITE_SECRET_KEY": "k" * 32}
    command = [sys.executable, "-W", "ignore", "-m", "bot", "worker"]
    process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "purged 0 conversations" in line:
            break
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    process.stderr.close()
