// Dropped and chosen files and folders, as a flat list of files with their relative paths.

const SYSTEM_FILES = new Set([".DS_Store", "Thumbs.db", "desktop.ini"])

/**
 * Read what was dropped. Must be called within the drop event: its items are gone afterwards.
 * Returns a promise of { files: [{ file, path }], empty: [path], system: [path], unreadable: [path] }.
 */
export function dropped(dataTransfer) {
  const items = Array.from(dataTransfer.items).filter((item) => item.kind === "file")
  const roots = items.map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile())
  return collect(roots.filter(Boolean))
}

/** Take what a file input holds; a folder input tells each file's relative path. */
export function chosen(fileList) {
  const found = nothing()
  for (const file of fileList) keep(found, file, file.webkitRelativePath)
  return found
}

function nothing() {
  return { files: [], empty: [], system: [], unreadable: [] }
}

async function collect(roots) {
  const found = nothing()
  for (const root of roots) {
    if (root instanceof File) keep(found, root, "")
    else await walk(root, found)
  }
  return found
}

function keep(found, file, path) {
  if (SYSTEM_FILES.has(file.name)) found.system.push(path || file.name)
  else found.files.push({ file, path })
}

async function walk(entry, found) {
  const path = entry.fullPath.replace(/^\/+/, "")
  try {
    if (entry.isFile) keep(found, await fileOf(entry), path.includes("/") ? path : "")
    else await walkFolder(entry, path, found)
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
    found.unreadable.push(path)
  }
}

async function walkFolder(folder, path, found) {
  const children = await childrenOf(folder)
  if (!children.length) found.empty.push(path)
  for (const child of children) await walk(child, found)
}

function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

/** Read a whole folder: one call of readEntries gives at most 100 in Chromium, an empty one means the end. */
async function childrenOf(folder) {
  const reader = folder.createReader()
  const children = []
  for (;;) {
    const batch = await new Promise((resolve, reject) => reader.readEntries(resolve, reject))
    if (!batch.length) return children.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }))
    children.push(...batch)
  }
}
