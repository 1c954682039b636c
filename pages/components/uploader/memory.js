// What this browser remembers of uploads that are not finished, so that a reload loses nothing.

import { randomToken } from "./transfer.js"

const RECORD = "study-buddy.upload:"
const TAB = "study-buddy.tab:"
const KEPT_MS = 24 * 3600 * 1000
// Background tabs may run their timers only once a minute.
const ALIVE_MS = 75_000

export const tabId = ownTabId()

function ownTabId() {
  const known = sessionStorage.getItem(TAB)
  if (known) return known
  const fresh = randomToken()
  sessionStorage.setItem(TAB, fresh)
  return fresh
}

/** Tell the other tabs that what this one remembers is still being sent. */
export function beat() {
  write(TAB + tabId, String(Date.now()))
}

/** Tell the other tabs that this one is gone: what it was sending waits for whoever takes it up. */
export function leave() {
  localStorage.removeItem(TAB + tabId)
}

/** Call back when another tab begins to send, and when it is gone. */
export function onOtherTabs(changed) {
  addEventListener("storage", ({ key, oldValue, newValue }) => {
    if (key?.startsWith(TAB) && (oldValue === null || newValue === null)) changed()
  })
}

export function isAliveElsewhere(tab) {
  return tab !== tabId && Date.now() - Number(localStorage.getItem(TAB + tab)) < ALIVE_MS
}

export function fingerprint({ name, path, size, lastModified, sessionId }) {
  return JSON.stringify([path || name, size, lastModified, sessionId])
}

function recordOf(entry) {
  const { name, path, size, offset, uploadId, recording } = entry
  const { sessionId } = entry.target
  return { name, path, size, lastModified: entry.file.lastModified, offset, uploadId, sessionId, recording }
}

export function remember(entry) {
  const record = recordOf(entry)
  beat()
  write(RECORD + fingerprint(record), JSON.stringify({ ...record, tab: tabId, at: Date.now() }))
}

export function forget(record) {
  localStorage.removeItem(RECORD + fingerprint(record))
}

export function forgetEntry(entry) {
  if (entry.file) forget(recordOf(entry))
}

/** Find the upload that was begun with just this file, for just this session. */
export function recall(entry) {
  const text = localStorage.getItem(RECORD + fingerprint(recordOf(entry)))
  const record = text && JSON.parse(text)
  return record && !isAliveElsewhere(record.tab) ? record : null
}

/** List what this browser remembers and no living tab is sending; forget what the server has swept. */
export function remembered() {
  const records = keys(RECORD).map((key) => JSON.parse(localStorage.getItem(key)))
  records.filter((record) => Date.now() - record.at > KEPT_MS).forEach(forget)
  for (const key of keys(TAB)) {
    if (Date.now() - Number(localStorage.getItem(key)) > KEPT_MS) localStorage.removeItem(key)
  }
  return records.filter((record) => Date.now() - record.at <= KEPT_MS && !isAliveElsewhere(record.tab))
}

/** List the uploads that another, living tab is sending. */
export function sentElsewhere() {
  const records = keys(RECORD).map((key) => JSON.parse(localStorage.getItem(key)))
  return new Set(records.filter((record) => isAliveElsewhere(record.tab)).map((record) => record.uploadId))
}

function keys(prefix) {
  return Object.keys(localStorage).filter((key) => key.startsWith(prefix))
}

function write(key, value) {
  try {
    localStorage.setItem(key, value)
  } catch (error) {
    // A full or forbidden store costs only the resume after a reload, never the upload.
    console.warn("Study Buddy cannot remember unfinished uploads in this browser:", error)
  }
}
