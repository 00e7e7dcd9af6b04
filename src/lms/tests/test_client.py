"""The client, against a server that misbehaves."""

import os
import select
import socket
import threading
import time
import unittest

from writebehind_lms.client import Client, Unanswered

from . import misbehaving
from .misbehaving import Server, taken

WRITE = {"user_id": 1, "course_key": "course-v1:Ö+C+R", "block_key": "b", "completion": 0.1}


class ClientTest(unittest.TestCase):

    def serve(self, *answers, timeout=60.0):
        self.server = Server(*answers)
        self.addCleanup(self.server.stop)
        self.client = Client(self.server.url, "secret", min(10.0, timeout), timeout)
        self.addCleanup(self.client.close)
        return self.client

    def connections(self):
        return [request.connection for request in self.server.requests]

    def test_oneWrite_isAnObject_severalAreLines(self):
        client = self.serve(taken())
        client.submit([WRITE], "database", is_told=True)
        client.submit([WRITE, dict(WRITE, block_key="c")], "journal")
        one, two = self.server.requests
        self.assertEqual(one.headers["Content-Type"], "application/json")
        self.assertEqual(one.writes(), [WRITE])
        self.assertEqual(two.headers["Content-Type"], "application/x-ndjson")
        self.assertEqual([write["block_key"] for write in two.writes()], ["b", "c"])
        self.assertTrue(one.target.startswith(
            "/v1/completions?ack=database&return=stamps&announce=false&"))
        self.assertTrue(two.target.startswith("/v1/completions?ack=journal&return=stamps&timeout="))
        self.assertEqual(one.headers["Authorization"], "Bearer secret")

    def test_service_isAskedToAnswer_beforeTheClientGivesUp(self):
        for timeout in (0.3, 2.0, 30.0):
            client = self.serve(taken(), timeout=timeout)
            client.submit([WRITE], "database")
            client.reset(1, "course-v1:O+C+R")
            for request in self.server.requests:
                wait = int(request.target.partition("timeout=")[2][:-2]) / 1000
                self.assertLess(wait, timeout * 0.995)
                self.assertGreater(wait, timeout * 0.6)

    def test_reset_namesTheCourse_percentEncoded(self):
        self.serve(taken(202)).reset(7, "course-v1:Ö+C+R/x y")
        self.assertTrue(self.server.requests[0].target.startswith(
            "/v1/users/7/completions?course_key=course-v1%3A%C3%96%2BC%2BR%2Fx%20y&timeout="))

    def test_connection_isKept(self):
        client = self.serve(taken())
        for _ in range(3):
            client.submit([WRITE], "database")
        self.assertEqual(len(set(self.connections())), 1)

    def test_connection_isOneForEachThread(self):
        client = self.serve(taken())
        threads = [threading.Thread(target=lambda: [client.submit([WRITE], "journal")
                                                    for _ in range(20)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(self.server.requests), 80)
        self.assertEqual(len(set(self.connections())), 4)

    def test_connection_isNotTheParents_inAChild(self):
        client = self.serve(taken())
        client.submit([WRITE], "journal")
        child = os.fork()
        if child == 0:
            try:
                client.submit([WRITE], "journal")
                os._exit(0)
            except BaseException:
                os._exit(1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        client.submit([WRITE], "journal")
        first, of_child, last = self.connections()
        self.assertNotEqual(first, of_child)
        self.assertEqual(first, last)

    def test_keptConnection_thatTheServerHasClosed_isReplacedOnce(self):
        client = self.serve(taken(close=True), taken())
        client.submit([WRITE], "journal")
        self.assertTrue(select.select([client._own.connection.sock], [], [], 10)[0])
        answer = client.submit([WRITE], "journal")
        self.assertEqual((answer.status, answer.is_second), (200, False))
        self.assertEqual(len(self.server.requests), 2)

    def test_keptConnection_endedInsteadOfAnAnswer_isTriedOnceMore(self):
        for ending in (misbehaving.end, misbehaving.reset):
            client = self.serve(taken(), ending, taken())
            client.submit([WRITE], "journal")
            self.assertEqual(client.submit([WRITE], "journal").status, 200)
            self.assertEqual(len(self.server.requests), 3)

    def test_newConnection_endedInsteadOfAnAnswer_isNotTriedAgain(self):
        client = self.serve(misbehaving.end)
        with self.assertRaises(Unanswered) as caught:
            client.submit([WRITE], "journal")
        self.assertTrue(caught.exception.sent)
        self.assertEqual(len(self.server.requests), 1)

    def test_twoEndedConnections_areEnough(self):
        client = self.serve(taken(), misbehaving.end)
        client.submit([WRITE], "journal")
        with self.assertRaises(Unanswered):
            client.submit([WRITE], "journal")
        self.assertEqual(len(self.server.requests), 3)

    def test_answerThatNeverEnds_isGivenUpInTime(self):
        for answer in (misbehaving.hang, misbehaving.drip):
            client = self.serve(answer, timeout=0.4)
            started = time.monotonic()
            with self.assertRaises(Unanswered) as caught:
                client.submit([WRITE], "journal")
            self.assertTrue(caught.exception.sent)
            self.assertLess(time.monotonic() - started, 20)
            self.assertGreater(time.monotonic() - started, 0.35)

    def test_answerThatIsNone_isTold_andTheConnectionNotUsedAgain(self):
        for answer in (misbehaving.half, misbehaving.garbage, misbehaving.reset):
            client = self.serve(answer, taken())
            with self.assertRaises(Unanswered):
                client.submit([WRITE], "journal")
            self.assertEqual(client.submit([WRITE], "journal").body["accepted"], 1)
            self.assertEqual(len(set(self.connections())), 2)

    def test_answerAfterTheTime_isNotTakenForThatOfTheNext(self):
        late = threading.Event()

        def slow(handler, request, server):
            late.wait(60)
            misbehaving.answer(200, {"accepted": 99})(handler, request, server)

        client = self.serve(slow, taken(), timeout=0.3)
        with self.assertRaises(Unanswered):
            client.submit([WRITE], "journal")
        late.set()
        self.assertEqual(client.submit([WRITE], "journal").body["accepted"], 1)

    def test_nobodyThere_nothingWasSent(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            client = Client("http://127.0.0.1:%d" % free.getsockname()[1])
            with self.assertRaises(Unanswered) as caught:
                client.submit([WRITE], "journal")
        self.assertFalse(caught.exception.sent)

    def test_connecting_isGivenUpSooner(self):
        with socket.socket() as full:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            queue = []
            self.addCleanup(lambda: [each.close() for each in queue])
            for _ in range(3):
                each = socket.socket()
                each.setblocking(False)
                each.connect_ex(full.getsockname())
                queue.append(each)
            client = Client("http://127.0.0.1:%d" % full.getsockname()[1], "", 0.2, 60.0)
            started = time.monotonic()
            with self.assertRaises(Unanswered) as caught:
                client.submit([WRITE], "journal")
            self.assertFalse(caught.exception.sent)
            self.assertLess(time.monotonic() - started, 20)

    def test_interruption_leavesNoHalfAnswerBehind(self):
        class TimeLimit(BaseException):
            pass

        def clock():
            if len(self.server.requests) == 2:  # the second is sent, and its answer is due
                raise TimeLimit
            return time.monotonic()

        client = self.serve(taken(), misbehaving.drip, taken())
        client.submit([WRITE], "journal")
        client._clock = clock
        with self.assertRaises(TimeLimit):
            client.submit([WRITE], "journal")
        client._clock = time.monotonic
        self.assertEqual(client.submit([WRITE], "journal").status, 200)
        first, second, third = self.connections()
        self.assertEqual(first, second)
        self.assertNotEqual(second, third)

    def test_urlMayHaveAPath(self):
        self.serve(taken())
        Client(self.server.url + "/behind").submit([WRITE], "journal")
        self.assertTrue(self.server.requests[0].target.startswith("/behind/v1/completions?"))
