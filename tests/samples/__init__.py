"""Small files of every kind, made byte by byte: each opens in a program of its kind unless its maker says otherwise."""

import json
import struct

from tests.samples.office import archive, docx, epub, ole, opendocument, pdf, pdf_file, pdf_of, pptx, xlsx
from tests.samples.pictures import gif, heic, jpg, png, png_of, svg, tiff, webp
from tests.samples.sounds import aac, box, caf, flac, long_wav, m4a, mp3, mp4, ogg, wav, webm, wma

__all__ = [
    "aac", "archive", "box", "caf", "captions", "documents", "docx", "epub", "every_kind", "flac", "gif",
    "heic", "images", "jpg", "long_wav", "m4a", "mp3", "mp4", "ogg", "ole", "opendocument", "pdf", "pdf_file",
    "pdf_of", "png", "png_of", "pptx", "recordings", "svg", "tiff", "videos", "wav", "webm", "webp", "wma",
    "xlsx",
]  # fmt: skip


def every_kind() -> dict[str, bytes]:
    """Return one file of each kind by its name."""
    return {
        **recordings(),
        **documents(),
        **images(),
        **captions(),
        "archive.zip": archive({"a.txt": b"a"}),
        **videos(),
    }


def recordings() -> dict[str, bytes]:
    return {
        "lecture.m4a": m4a(),
        "lecture.mp3": mp3(),
        "lecture.wav": wav(),
        "lecture.flac": flac(),
        "lecture.ogg": ogg(b"\x01vorbis" + bytes(23)),
        "lecture.opus": ogg(b"OpusHead\x01\x01\x00\x00" + struct.pack("<I", 48000) + bytes(3)),
        "lecture.aac": aac(),
        "lecture.webm": webm(),
        "lecture.amr": b"#!AMR\n" + (b"\x3c" + bytes(31)) * 50,
        "lecture.wma": wma(),
        "lecture.caf": caf(),
    }


def documents() -> dict[str, bytes]:
    return {
        "paper.pdf": pdf("Photosynthesis"),
        "slides.pptx": pptx("Photosynthesis"),
        "slides.ppt": ole("PowerPoint Document"),
        "essay.docx": docx("Photosynthesis"),
        "essay.doc": ole("WordDocument"),
        "table.xlsx": xlsx("Photosynthesis"),
        "essay.odt": opendocument("text", "Photosynthesis"),
        "slides.odp": opendocument("presentation", "Photosynthesis"),
        "book.epub": epub("Photosynthesis"),
        "page.html": b"<!DOCTYPE html>\n<title>Photosynthesis</title><p>Light becomes sugar.",
        "notes.md": "# Photosynthesis\n\nLight becomes sugar: 6 CO₂ + 6 H₂O.\n".encode(),
        "notes.txt": "Light becomes sugar: 6 CO₂ + 6 H₂O.\n".encode(),
        "words.csv": "word,meaning\nchlorophyll,Blattgrün\n".encode(),
        "exercise.ipynb": json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode(),
    }


def images() -> dict[str, bytes]:
    return {
        "leaf.png": png(8, 8),
        "leaf.jpg": jpg(),
        "leaf.gif": gif(),
        "leaf.webp": webp(),
        "leaf.heic": heic(),
        "leaf.svg": svg(),
        "leaf.tiff": tiff(),
    }


def captions() -> dict[str, bytes]:
    return {
        "lecture.vtt": b"WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nLight becomes sugar.\n",
        "lecture.srt": b"1\r\n00:00:01,000 --> 00:00:02,500\r\nLight becomes sugar.\r\n",
    }


def videos() -> dict[str, bytes]:
    return {"film.mp4": mp4(), "film.mov": mp4(brand=b"qt  "), "film.webm": webm(video=True)}
