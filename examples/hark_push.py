"""Says something through Hark. Beside your script, or copied into it; Python 3.8 or later."""

import json
import os
import time
import urllib.error
import urllib.request


def load_config(path=None):
    """Reads push_config.json: the one named by PUSH_CONFIG, else the one beside this file."""
    here = os.path.dirname(os.path.abspath(__file__))
    path = path or os.environ.get("PUSH_CONFIG") or os.path.join(here, "push_config.json")
    with open(path, encoding="utf-8") as f:
        config = json.load(f)
    if not config.get("assistant_fire_url"):
        raise SystemExit(path + ": assistant_fire_url is missing, such as http://127.0.0.1:4275/api/assistant/fire")
    return config


def fire(config, text, key=None, tries=5, **fields):
    """Posts to fire and returns the answer. With a key it may be sent again: Hark says it once.

    Fields are those of the API: title, priority (1 to 5), tags, click, conversation, at, silent, markdown.
    """
    body = json.dumps(dict(fields, text=text, **({"key": key} if key else {}))).encode()
    request = urllib.request.Request(config["assistant_fire_url"], body, {"Content-Type": "application/json"})
    if config.get("token"):
        request.add_header("Authorization", "Bearer " + config["token"])
    for again in range(tries):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as e:
            if e.code != 429 and e.code < 500:  # what is wrong stays wrong
                raise SystemExit("Hark answers %d: %s" % (e.code, e.read(500).decode("utf-8", "replace")))
            problem, wait = e, int(e.headers.get("Retry-After") or 2**again)
        except OSError as e:
            problem, wait = e, 2**again
        if again + 1 < tries:
            time.sleep(min(wait, 60))
    raise SystemExit("Hark does not answer at %s: %s" % (config["assistant_fire_url"], problem))
