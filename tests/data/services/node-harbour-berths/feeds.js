'use strict';
const { setTimeout: wait } = require('node:timers/promises');
const { sequelize, Berth } = require('./models');

const TERMINALS = [1, 2, 3, 4, 5, 6];
const PAGE = 4;
const PAGES_PER_SECOND = 3;

async function syncTerminal(terminal) {
  await sequelize.transaction(async (transaction) => {
    for (let offset = 0; ; offset += PAGE) {
      const berths = await Berth.findAll({ where: { terminal }, order: ['id'], limit: PAGE, offset, transaction });
      if (!berths.length) return;
      for (const berth of berths) {
        await berth.update({ checkedAt: new Date() }, { transaction });
      }
      await wait(1000 / PAGES_PER_SECOND);
    }
  });
}

async function followTerminal(terminal) {
  for (;;) {
    try {
      await syncTerminal(terminal);
    } catch (error) {
      console.error(`terminal ${terminal}: ${error.message}`);
      await wait(500);
    }
  }
}

function startFeeds() {
  for (const terminal of TERMINALS) followTerminal(terminal);
}

module.exports = { startFeeds };
