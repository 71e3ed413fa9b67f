const express = require('express');
const { Sequelize, DataTypes } = require('sequelize');

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 10 } });
const plain = { timestamps: false, underscored: true };
const Film = sequelize.define(
  'Film',
  { programme: DataTypes.INTEGER, title: DataTypes.TEXT },
  { ...plain, tableName: 'films' },
);
const Reel = sequelize.define(
  'Reel',
  { minutes: DataTypes.INTEGER, shelf: DataTypes.TEXT },
  { ...plain, tableName: 'reels' },
);
Film.hasMany(Reel, { as: 'reels', foreignKey: 'film_id' });

const app = express();

async function programme(number) {
  const films = await Film.findAll({ where: { programme: number }, order: ['id'] });
  const lines = [];
  for (const film of films) {
    const reels = await film.getReels();
    lines.push({
      title: film.title,
      minutes: reels.reduce((sum, reel) => sum + reel.minutes, 0),
      shelves: reels.map((reel) => reel.shelf),
    });
  }
  return lines;
}

app.get('/healthz', (req, res) => res.json({ ok: true }));
app.get('/programmes/:number', (req, res, next) => {
  programme(Number(req.params.number)).then((lines) => res.json(lines), next);
});

app.listen(Number(process.env.PORT), '127.0.0.1');
