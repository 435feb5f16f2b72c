"""The peer of Steno's service: the same API as a FastAPI application over SQLAlchemy and SQLite, and a worker
process like Celery's, which runs one task after the other with faster-whisper.

    peer.py api DATA --port N          the API, one uvicorn process
    peer.py worker DATA --model FOLDER --threads N
    peer.py fill DATA JOBS             finished jobs, to read
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import time
import uuid

from sqlalchemy import JSON, Column, DateTime, Float, Integer, String, create_engine, event, select, update
from sqlalchemy.orm import Session, declarative_base

KEY = "peer-key"
Base = declarative_base()


class Job(Base):
    __tablename__ = "jobs"
    id = Column(String, primary_key=True)
    owner = Column(String, index=True)
    status = Column(String, index=True)
    progress = Column(Float)
    audio = Column(String)
    options = Column(JSON)
    result = Column(JSON)
    error = Column(String)
    attempt = Column(Integer)
    created_at = Column(DateTime)
    updated_at = Column(DateTime)


class ApiKey(Base):
    __tablename__ = "keys"
    hash = Column(String, primary_key=True)
    owner = Column(String)


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def open_database(data):
    engine = create_engine(f"sqlite:///{data}/peer.db", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def set_up(connection, _):
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.execute("pragma busy_timeout=10000")

    Base.metadata.create_all(engine)
    with Session(engine) as session:
        if not session.get(ApiKey, digest(KEY)):
            session.add(ApiKey(hash=digest(KEY), owner="me"))
            session.commit()
    return engine


def digest(key):
    return hashlib.sha256(key.encode()).hexdigest()


def make_api(data):
    from fastapi import Depends, FastAPI, File, Header, HTTPException, UploadFile

    engine = open_database(data)
    app = FastAPI()

    def session():
        with Session(engine) as opened:
            yield opened

    def owner(x_api_key: str = Header(), db: Session = Depends(session)):
        key = db.get(ApiKey, digest(x_api_key))
        if key is None:
            raise HTTPException(401)
        return key.owner

    @app.get("/health")
    def health():
        return {"status": "ok"}

    @app.post("/api/v1/transcribe", status_code=202)
    def submit(file: UploadFile = File(), owner: str = Depends(owner), db: Session = Depends(session)):
        job = Job(id=str(uuid.uuid4()), owner=owner, status="pending", progress=0, options={}, attempt=0,
                  created_at=now(), updated_at=now())
        job.audio = f"{data}/{job.id}.audio"
        with open(job.audio, "wb") as out:
            while piece := file.file.read(1 << 20):
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        db.add(job)
        db.commit()
        return {"job_id": job.id, "status": "pending", "created_at": job.created_at, "message": "accepted"}

    @app.get("/api/v1/jobs/{job_id}")
    def status(job_id: str, owner: str = Depends(owner), db: Session = Depends(session)):
        job = db.get(Job, job_id)
        if job is None or job.owner != owner:
            raise HTTPException(404)
        return {"job_id": job.id, "status": job.status, "created_at": job.created_at,
                "updated_at": job.updated_at, "progress": job.progress, "result": job.result,
                "error": job.error}

    return app


def work(data, folder, threads):
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    engine = open_database(data)
    pipeline = BatchedInferencePipeline(WhisperModel(folder, device="cpu", compute_type="int8",
                                                     cpu_threads=threads))
    while True:
        with Session(engine) as db:
            job = db.scalars(select(Job).where(Job.status == "pending").order_by(Job.created_at)
                             .limit(1)).first()
            if job is None:
                time.sleep(0.05)
                continue
            db.execute(update(Job).where(Job.id == job.id).values(status="processing", updated_at=now()))
            db.commit()
            segments, _ = pipeline.transcribe(job.audio, language="en", beam_size=5, batch_size=8,
                                              word_timestamps=True)
            text = "".join(segment.text for segment in segments).strip()
            job.status, job.progress, job.result, job.updated_at = "completed", 100, {"text": text}, now()
            db.commit()


def fill(data, count):
    engine = open_database(data)
    with Session(engine) as db:
        for number in range(count):
            db.add(Job(id=f"job-{number}", owner="me", status="completed", progress=100, options={},
                       result={"text": "A sentence that somebody has said, and that was written down."},
                       attempt=1, created_at=now(), updated_at=now()))
        db.commit()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("role", choices=["api", "worker", "fill"])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("jobs", type=int, nargs="?", default=100)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--model")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    args.data.mkdir(parents=True, exist_ok=True)
    if args.role == "api":
        import uvicorn

        uvicorn.run(make_api(args.data), host="127.0.0.1", port=args.port, log_level="warning")
    elif args.role == "worker":
        work(args.data, args.model, args.threads)
    else:
        fill(args.data, args.jobs)
    print(json.dumps({"done": args.role}))
