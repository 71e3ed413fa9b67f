const express = require('express');
const axios = require('axios');
const { Mutex } = require('async-mutex');

const app = express();
app.use(express.json());
const upstream = `http://127.0.0.1:${process.env.UPSTREAM_PORT}`;
const ledgerMutex = new Mutex();
const balances = new Map();

async function checkLimit(account) {
  const { data } = await axios.get(`${upstream}/limit/${account}`);
  return data.limit;
}

async function bookEntry(account, amount) {
  const release = await ledgerMutex.acquire();
  try {
    const limit = await checkLimit(account);
    const next = (balances.get(account) || 0) + amount;
    if (next < limit) balances.set(account, next);
    return balances.get(account) || 0;
  } finally {
    release();
  }
}

app.get('/healthz', (req, res) => res.send('ok'));

app.post('/entries', async (req, res, next) => {
  try {
    const account = Math.floor(Math.random() * 500);
    res.json({ account, balance: await bookEntry(account, req.body.amount) });
  } catch (err) {
    next(err);
  }
});

app.listen(process.env.PORT, '127.0.0.1');
