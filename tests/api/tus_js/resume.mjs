// Uploads a file with the official client: breaks off in the middle, forgets everything but the stored URL, resumes.
// node resume.mjs ENDPOINT FILE SESSION_ID URL_STORAGE  → one line of JSON
import { createReadStream, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const tus = require('tus-js-client');

const [endpoint, file, sessionId, urlStorage] = process.argv.slice(2);
const size = statSync(file).size;

function options(extra) {
  return {
    endpoint,
    chunkSize: 1_000_000,
    retryDelays: [0, 100, 300],
    uploadSize: size,
    metadata: { filename: 'Übung.bin', session: sessionId },
    urlStorage: new tus.FileUrlStorage(urlStorage),
    fingerprint: async () => 'the-one-file',
    storeFingerprintForResuming: true,
    ...extra,
  };
}

function breakOff() {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(createReadStream(file), options({
      onError: reject,
      onChunkComplete: async (_, accepted) => {
        if (accepted < 2_000_000) return;
        await upload.abort();
        resolve(accepted);
      },
    }));
    upload.start();
  });
}

async function resume() {
  const sent = [];
  const url = await new Promise((resolve, reject) => {
    const upload = new tus.Upload(createReadStream(file), options({
      onError: reject,
      onChunkComplete: (chunk) => sent.push(chunk),
      onSuccess: () => resolve(upload.url),
    }));
    upload.findPreviousUploads().then((previous) => {
      upload.resumeFromPreviousUpload(previous[0]);
      upload.start();
    }, reject);
  });
  return { url, sent: sent.reduce((total, chunk) => total + chunk, 0) };
}

const before = await breakOff();
const { url, sent } = await resume();
console.log(JSON.stringify({ before, url, sent, size }));
