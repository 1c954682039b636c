// Recordings in this browser's own database: what was recorded survives a crash, a reload and an empty battery.

const open = () =>
  new Promise((resolve, reject) => {
    const opening = indexedDB.open("study-buddy", 1)
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore("recordings", { keyPath: "id" })
      opening.result.createObjectStore("chunks", { keyPath: ["recording", "number"] })
    }
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })

/** Run one short transaction; it is durable when the promise resolves. */
async function within(mode, work) {
  const database = await open()
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(["recordings", "chunks"], mode, { durability: "strict" })
      const asked = work(transaction.objectStore("recordings"), transaction.objectStore("chunks"))
      transaction.oncomplete = () => resolve(asked?.result)
      transaction.onabort = transaction.onerror = () => reject(transaction.error)
    })
  } finally {
    database.close()
  }
}

const allOf = (id) => IDBKeyRange.bound([id, 0], [id, Infinity])

/** Keep the recording's own row: { id, name, type, startedAt, lengthMs, tab, stopped, target }. */
export function keepRecording(recording) {
  return within("readwrite", (recordings) => recordings.put(recording))
}

export function keepChunk(recording, number, blob) {
  return within("readwrite", (recordings, chunks) => {
    recordings.put(recording)
    return chunks.put({ recording: recording.id, number, blob })
  })
}

export function recordings() {
  return within("readonly", (recordings) => recordings.getAll())
}

export async function chunksOf(id) {
  const rows = await within("readonly", (_, chunks) => chunks.getAll(allOf(id)))
  return rows.map(({ blob }) => blob)
}

export function dropRecording(id) {
  return within("readwrite", (recordings, chunks) => {
    recordings.delete(id)
    return chunks.delete(allOf(id))
  })
}
