import { mkdir, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';

// Returns on disk: a folder for each district, a small JSON document for each polling station.
export class ReturnStore {
  constructor(root) {
    this.root = root;
    this.folders = new Set();
  }

  async #folder(district) {
    const folder = path.join(this.root, district);
    if (!this.folders.has(folder)) {
      await mkdir(folder, { recursive: true });
      this.folders.add(folder);
    }
    return folder;
  }

  async keep(district, name, document) {
    const file = path.join(await this.#folder(district), `${name}.json`);
    await writeFileAtomic(file, `${JSON.stringify(document, null, 1)}\n`, { mode: 0o640 });
    return file;
  }

  async read(district, name) {
    try {
      return JSON.parse(await readFile(path.join(this.root, district, `${name}.json`), 'utf8'));
    } catch (error) {
      if (error.code === 'ENOENT') return null;
      throw error;
    }
  }

  async names(district) {
    const files = await readdir(await this.#folder(district));
    return files.filter((file) => file.endsWith('.json')).map((file) => file.slice(0, -5));
  }
}
