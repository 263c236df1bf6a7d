#!/usr/bin/env python3
"""A probe in Python: it checks the endpoints of a location of its own.

    monitor.probe.due.v1 -> probe.py -> monitor.probe.results.v1

The contract is shared/contract/asyncapi.yaml. This program makes plain requests
by HTTP and looks at the status of the answer. What it cannot do, such as a proxy
or an expectation of the body, it reports as unknown, with the reason. The offset
of an event is committed once the broker has all of its results; an event that
comes again is continued from the current time.
"""

import argparse
import heapq
import itertools
import json
import logging
import os
import queue
import signal
import threading
import time
from datetime import datetime, timezone

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from look import look, seconds

DUE, RESULTS = "monitor.probe.due.v1", "monitor.probe.results.v1"
MAX_ROWS = 500  # in one event: it stays far below 512 KiB
MAX_ROUNDS = 50  # events in hand at once
CHECKS = 64  # that may run at once
REPORT_EVERY = 2.0  # seconds that a result may wait that is no news
DRAIN = 5.0  # seconds for what is in hand, once told to stop
TELL_EVERY = 10.0  # seconds between two lines in the log about one kind of error
OLD = 3600.0  # seconds after which nobody waits for a slot any more
FIELDS = (  # of a row, in the order in which they are read fastest
    "endpoint", "due", "start", "kind", "outcome", "us", "status", "bytes", "fault", "reason",
    "unmet", "spared",
)


def kafka_settings(env):
    """Returns the settings MONITOR_KAFKA_* as librdkafka names them."""
    tls = env.get("MONITOR_KAFKA_TLS", "false").lower() in ("1", "t", "true")
    user = env.get("MONITOR_KAFKA_USER", "")
    out = {
        "bootstrap.servers": env.get("MONITOR_KAFKA_BROKERS", "127.0.0.1:9092"),
        "security.protocol": ("SASL_" if user else "") + ("SSL" if tls else "PLAINTEXT"),
        "client.id": "probe.py",
    }
    for name, setting in (("CA", "ca"), ("CERTIFICATE", "certificate"), ("KEY", "key")):
        if env.get("MONITOR_KAFKA_" + name):
            out[f"ssl.{setting}.location"] = env["MONITOR_KAFKA_" + name]
    if user:
        password = env.get("MONITOR_KAFKA_PASSWORD", "")
        if env.get("MONITOR_KAFKA_PASSWORD_FILE"):
            with open(env["MONITOR_KAFKA_PASSWORD_FILE"], encoding="utf-8") as file:
                password = file.read().rstrip("\r\n")
        out |= {"sasl.username": user, "sasl.password": password}
        out["sasl.mechanism"] = env.get("MONITOR_KAFKA_MECHANISM", "SCRAM-SHA-512")
    return out


def telling():
    """Returns what logs the errors of clients, each kind seldom enough to be read."""
    told = {}

    def tell(error):
        if time.monotonic() - told.get(error.code(), -TELL_EVERY) >= TELL_EVERY:
            told[error.code()] = time.monotonic()
            logging.warning("Kafka: %s", error.str())

    return tell


class Window:
    """The records of a partition that are in hand: all before the first may be committed."""

    def __init__(self):
        self.finished, self.next, self.committed = {}, None, None

    def take(self, offset):
        """Notes a record, in the order of the partition."""
        self.finished[offset] = False

    def done(self, offset):
        """Notes that a record is finished."""
        self.finished[offset] = True
        for first in list(itertools.takewhile(self.finished.get, self.finished)):
            del self.finished[first]
            self.next = first + 1


class Round:
    """The work on one event."""

    def __init__(self, window, offset, data, run):
        self.window, self.offset, self.run, self.part = window, offset, run, 0
        self.slot, self.until, self.kind = data["slot"], int(data["until"]), data["kind"]
        self.dues = [Due(one) for one in data["endpoints"]]
        self.left = sum(due.count for due in self.dues)  # checks without a result at the broker
        self.lost = False  # another member of the group has it


class Due:
    """An endpoint with its due times in a slot, in milliseconds."""

    def __init__(self, one):
        self.endpoint, self.shard = one["endpoint"], int(one["shard"])
        self.key = f"{self.endpoint['namespace']}/{self.endpoint['id']}"
        self.first, self.count = int(one["due"]["first"]), int(one["due"]["count"])
        self.every = round(seconds(one["due"]["every"]) * 1000)
        self.interval = seconds(self.endpoint["interval"]) * 1000
        defined = one["slowed"]["interval"] if one.get("slowed") else one["due"]["every"]
        self.spared = round(self.every / (seconds(defined) * 1000)) - 1

    def at(self, number):
        """Returns one of the due times."""
        return self.first + number * self.every


class Shard:
    """The results of a shard that the broker does not have yet, in their order."""

    def __init__(self):
        self.rows, self.since, self.news, self.sending = [], 0.0, False, False


class Probe:
    """The probe of one location. All but the looks happens in the main thread."""

    def __init__(self, settings, topic, group, location):
        self.topic, self.location = topic, location
        settings = settings | {"error_cb": telling(), "log_level": 2}  # librdkafka tells each try
        self.producer = Producer(settings | {
            "enable.idempotence": True, "compression.type": "zstd", "message.timeout.ms": 0,
        })
        self.consumer = Consumer(settings | {
            "group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest",
        })
        self.partitions = self.count_partitions()
        self.windows, self.rounds, self.shards, self.agenda = {}, set(), {}, []
        self.busy, self.outcomes, self.last_run = set(), {}, 0
        self.jobs, self.results = queue.SimpleQueue(), queue.SimpleQueue()
        self.stopping, self.paused, self.failed, self.commit_at = False, False, None, 0.0
        self.order = itertools.count()
        for _ in range(CHECKS):
            threading.Thread(target=self.make, daemon=True).start()

    def count_partitions(self):
        """Returns how many partitions the topic has, for which there are 30 seconds."""
        until = time.monotonic() + 30
        while True:
            try:
                metadata = self.producer.list_topics(self.topic, timeout=3)
                break
            except KafkaException as error:
                self.producer.poll(0)  # which tells why
                if time.monotonic() >= until:
                    raise SystemExit(
                        "Kafka does not answer: check MONITOR_KAFKA_BROKERS, MONITOR_KAFKA_TLS"
                        " and MONITOR_KAFKA_USER, and whether the brokers run",
                    ) from error
        if not metadata.topics[self.topic].partitions:
            raise SystemExit(f"Kafka has no topic {self.topic}, or does not show it")
        return len(metadata.topics[self.topic].partitions)

    def run(self):
        """Works until told to stop, and then finishes what is in hand."""
        self.consumer.subscribe([self.topic], on_revoke=self.revoked, on_lost=self.lost)
        while not self.stopping:
            wait = self.agenda[0][0] / 1000 - time.time() if self.agenda else 1.0
            message = self.consumer.poll(min(max(wait, 0.0), 0.02))
            if message is not None and message.error():
                logging.warning("consuming: %s", message.error())
            elif message is not None:
                self.take(message)
            self.begin()
            self.report()
            self.pause()
            if time.monotonic() >= self.commit_at:
                self.commit(asynchronous=True)
        self.end()

    def take(self, message):
        """Takes a record in hand. What is not for this probe is finished at once."""
        window = self.windows.setdefault(message.partition(), Window())
        window.take(message.offset())
        headers = dict(message.headers() or [])
        ours = DUE.encode(), self.location.encode()
        if (headers.get("ce_type"), headers.get("ce_location")) == ours:
            self.last_run = max(int(time.time() * 1000), self.last_run + 1)
            try:
                data = json.loads(message.value())
                work = Round(window, message.offset(), data, self.last_run)
            except Exception as error:  # whatever it holds, it must not keep others waiting
                logging.error("event %s is passed over: %r", headers.get("ce_id"), error)
            else:
                if self.plan(work):
                    return
        window.done(message.offset())

    def plan(self, work):
        """Puts the first due times on the agenda, and tells whether there are any."""
        if time.time() - work.until / 1000 > OLD:
            logging.warning("slot %s is passed over: nobody waits for it any more", work.slot)
            return False
        for due in work.dues:
            if due.count:
                heapq.heappush(self.agenda, (due.first, next(self.order), work, due, 0))
        if work.left:
            self.rounds.add(work)
        return work.left > 0

    def begin(self):
        """Has the checks made whose time has come."""
        while self.agenda and self.agenda[0][0] <= (now := time.time() * 1000):
            at, _, work, due, number = heapq.heappop(self.agenda)
            if work.lost:
                continue
            if number + 1 < due.count:
                entry = (due.at(number + 1), next(self.order), work, due, number + 1)
                heapq.heappush(self.agenda, entry)
            row = {"endpoint": due.key, "due": at, "kind": work.kind}
            missed = {"outcome": "unknown", "us": 0}
            if work.kind != "manual" and now - at >= due.interval:
                missed |= {"fault": "skipped", "reason": "not made: its time was over"}
                self.keep(work, due, row | missed)
            elif due.key in self.busy:
                missed |= {"fault": "overrun", "reason": "not made: the one before still ran"}
                self.keep(work, due, row | missed)
            else:
                self.busy.add(due.key)
                self.jobs.put((work, due, row))

    def make(self):
        """Makes checks, in a thread of its own."""
        while True:
            work, due, row = self.jobs.get()
            if not self.stopping and not work.lost:
                row |= {"start": int(time.time() * 1000)} | look(due.endpoint)
                if due.spared and work.kind == "scheduled" and row["outcome"] == "failed":
                    row["spared"] = due.spared
            self.results.put((work, due, row))

    def keep(self, work, due, row):
        """Keeps a result until it is reported. A failure is news, and so is a change."""
        shard = self.shards.setdefault(due.shard, Shard())
        shard.since = shard.since if shard.rows else time.monotonic()
        changed = self.outcomes.get(due.key) != row["outcome"]
        shard.news = shard.news or changed or row["outcome"] == "failed"
        self.outcomes[due.key] = row["outcome"]
        shard.rows.append((work, {name: row[name] for name in FIELDS if name in row}))

    def report(self, everything=False):
        """Emits results that are news or have waited, one event of a shard at a time."""
        while not self.results.empty():
            work, due, row = self.results.get()
            self.busy.discard(due.key)
            if "outcome" in row:
                self.keep(work, due, row)
        for number, shard in self.shards.items():
            now = shard.news or everything or time.monotonic() - shard.since >= REPORT_EVERY
            if shard.rows and now and not shard.sending:
                self.emit(number, shard)
        self.producer.poll(0)
        if self.failed:
            raise self.failed

    def emit(self, number, shard):
        """Emits the first results of a shard as an event."""
        sent, work = shard.rows[:MAX_ROWS], shard.rows[0][0]
        rows = [row for _, row in sent]
        data = {"shard": number, "location": self.location, "rows": rows}
        headers = {
            "ce_specversion": "1.0",
            "ce_id": f"{work.slot}-{number}-{self.location}-{work.run}-{work.part}",
            "ce_source": "/functions/probe",
            "ce_type": RESULTS,
            "ce_time": datetime.now(timezone.utc).isoformat().replace("+00:00", "Z"),
            "ce_partitionkey": str(number),
            "content-type": "application/json",
        }
        work.part += 1
        shard.sending = True
        self.producer.produce(
            self.topic, key=str(number), partition=number % self.partitions, headers=headers,
            value=json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode(),
            on_delivery=lambda error, _: self.delivered(error, shard, sent),
        )

    def delivered(self, error, shard, sent):
        """Is told what became of an event. What the broker has is finished."""
        shard.sending = False
        if error:
            self.failed = KafkaException(error)
            return
        del shard.rows[:len(sent)]
        shard.since, shard.news = time.monotonic(), shard.news and bool(shard.rows)
        for work, _ in sent:
            work.left -= 1
            if not work.left:
                self.rounds.discard(work)
                work.window.done(work.offset)

    def pause(self):
        """Takes no more events while so many are in hand."""
        full = len(self.rounds) >= MAX_ROUNDS
        if full != self.paused:
            (self.consumer.pause if full else self.consumer.resume)(self.consumer.assignment())
            self.paused = full

    def commit(self, asynchronous):
        """Commits, for each partition, up to the first event that is not finished."""
        self.commit_at = time.monotonic() + 1.0
        offsets = []
        for partition, window in self.windows.items():
            if window.next is not None and not (asynchronous and window.next == window.committed):
                offsets.append(TopicPartition(self.topic, partition, window.next))
                window.committed = window.next
        if offsets:
            self.consumer.commit(offsets=offsets, asynchronous=asynchronous)

    def revoked(self, consumer, partitions):
        """Commits before partitions go."""
        try:
            self.commit(asynchronous=False)
        except KafkaException as error:
            logging.warning("what was finished comes again: %s", error)
        self.lost(consumer, partitions)

    def lost(self, _, partitions):
        """Leaves the events of partitions to whoever has them now."""
        gone = {self.windows.pop(one.partition, None) for one in partitions}
        for work in [work for work in self.rounds if work.window in gone]:
            work.lost = True
            self.rounds.discard(work)
        self.paused = False

    def end(self):
        """Waits for the checks that run, reports and commits. What is left comes again."""
        until = time.monotonic() + DRAIN
        while self.busy and time.monotonic() < until:
            self.report()
            self.producer.poll(0.01)
        until = time.monotonic() + DRAIN
        while any(shard.rows for shard in self.shards.values()) and time.monotonic() < until:
            self.report(everything=True)
            self.producer.poll(0.01)
        self.consumer.close()  # which tells that the partitions go, and so commits


def main():
    """Reads the settings and works until SIGTERM."""
    location = os.environ.get("MONITOR_LOCATION", "local")
    parser = argparse.ArgumentParser(
        description="Checks the endpoints of MONITOR_LOCATION; see MONITOR_KAFKA_*.",
    )
    parser.add_argument("--topic", default="monitor-events")
    parser.add_argument("--group", default=f"monitor-probe-{location}")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    probe = Probe(kafka_settings(os.environ), options.topic, options.group, location)

    def stop(*_):
        probe.stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    logging.info("checking from %s", location)
    probe.run()
    logging.info("stopped")


if __name__ == "__main__":
    main()
