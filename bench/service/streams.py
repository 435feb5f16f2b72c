"""Opens many event streams of waiting jobs, triggers one event for each, and measures the time of delivery.

    streams.py HOST PORT KEY COUNT JOB...

Prints one JSON line when all streams are open, waits for a line on standard input, and prints another line when
every stream has received its event."""

import asyncio
import json
import sys
import time

host, port, key, count, *jobs = sys.argv[1:]


async def stream(number, opened, got):
    reader, writer = await asyncio.open_connection(host, int(port), limit=4096)
    job = jobs[number % len(jobs)]
    writer.write(f"GET /api/v1/jobs/{job}/events HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {key}\r\n\r\n".encode())
    status = await reader.readline()
    assert b" 200 " in status, status
    seen = b""
    while b"event: status" not in seen:  # the job's first event, replayed
        seen += await reader.read(4096)
    opened.release()
    while b"event: end" not in seen:
        piece = await reader.read(4096)
        assert piece, "a stream was cut"
        seen = seen[-64:] + piece
    got.release()
    writer.close()


async def main():
    opened, got = asyncio.Semaphore(0), asyncio.Semaphore(0)
    tasks = []
    for number in range(int(count)):
        tasks.append(asyncio.create_task(stream(number, opened, got)))
        if number % 200 == 199:
            for _ in range(200):
                await opened.acquire()
    for _ in range(int(count) % 200):
        await opened.acquire()
    print(json.dumps({"open": int(count)}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    began = time.monotonic()
    for _ in range(int(count)):
        await got.acquire()
    print(json.dumps({"seconds": time.monotonic() - began}), flush=True)
    await asyncio.gather(*tasks, return_exceptions=True)


asyncio.run(main())
