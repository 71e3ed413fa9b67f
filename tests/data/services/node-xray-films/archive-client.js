'use strict';
const http = require('node:http');
const axios = require('axios');

class ArchiveClient {
  constructor(baseURL) {
    this.http = axios.create({
      baseURL,
      timeout: 8000,
      proxy: false,
      httpAgent: new http.Agent({ keepAlive: true, maxSockets: 3, keepAliveMsecs: 15_000 }),
      validateStatus: (status) => status < 500,
    });
  }

  async #get(path) {
    const { status, data } = await this.http.get(path);
    return status === 404 ? null : data;
  }

  studies(patient) {
    return this.#get(`/patients/${patient}/studies`);
  }

  series(uid) {
    return this.#get(`/studies/${encodeURIComponent(uid)}/series`);
  }
}

module.exports = { ArchiveClient };
