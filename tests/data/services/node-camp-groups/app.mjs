// Summer camps: who sleeps where and what the kitchen has to cook.
import Koa from 'koa';
import Router from '@koa/router';
import { DataTypes, Model, Sequelize } from 'sequelize';

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 16, min: 4 }, define: { timestamps: false, underscored: true } });

class Camp extends Model {}
class Child extends Model {
  get needsOwnPot() {
    return this.diet === 'vegan';
  }
}
class Allergy extends Model {}
class Stay extends Model {}

Camp.init({ place: DataTypes.TEXT, week: DataTypes.INTEGER }, { sequelize, tableName: 'camps', modelName: 'camp' });
Child.init({ firstName: DataTypes.TEXT, tent: DataTypes.INTEGER, diet: DataTypes.TEXT }, { sequelize, tableName: 'children', modelName: 'child' });
Allergy.init({ food: DataTypes.TEXT, severe: DataTypes.BOOLEAN }, { sequelize, tableName: 'allergies', modelName: 'allergy' });
Stay.init({ night: DataTypes.INTEGER, breakfast: DataTypes.BOOLEAN }, { sequelize, tableName: 'stays', modelName: 'stay' });

Camp.hasMany(Child, { as: 'children', foreignKey: 'camp_id' });
Child.belongsTo(Camp, { as: 'camp', foreignKey: 'camp_id' });
Child.hasMany(Allergy, { as: 'allergies', foreignKey: 'child_id' });
Child.hasMany(Stay, { as: 'stays', foreignKey: 'child_id' });

const PORTIONS = { all: 1, vegetarian: 1.1, vegan: 1.15 };

async function plate(child) {
  const allergies = await child.getAllergies();
  const breakfasts = await child.countStays({ where: { breakfast: true } });
  return {
    child: child.id,
    name: child.firstName,
    tent: child.tent,
    diet: child.diet,
    avoid: allergies.map((allergy) => allergy.food).sort(),
    severe: allergies.some((allergy) => allergy.severe),
    ownPot: child.needsOwnPot || allergies.some((allergy) => allergy.severe),
    breakfasts,
  };
}

function shopping(plates) {
  const list = { portions: 0, breakfasts: 0, byDiet: {}, avoid: {} };
  for (const one of plates) {
    list.portions += PORTIONS[one.diet];
    list.breakfasts += one.breakfasts;
    list.byDiet[one.diet] = (list.byDiet[one.diet] ?? 0) + 1;
    for (const food of one.avoid) list.avoid[food] = (list.avoid[food] ?? 0) + 1;
  }
  list.portions = Math.ceil(list.portions);
  return list;
}

async function kitchen(camp) {
  const children = await camp.getChildren({ order: [['tent', 'ASC'], ['id', 'ASC']] });
  const plates = [];
  for (const child of children) plates.push(await plate(child));
  return {
    camp: camp.place,
    week: camp.week,
    shopping: shopping(plates),
    ownPots: plates.filter((one) => one.ownPot).map(({ name, tent, avoid, diet }) => ({ name, tent, avoid, diet })),
    plates: plates.map(({ child, tent, diet, breakfasts }) => ({ child, tent, diet, breakfasts })),
  };
}

async function tents(camp) {
  const rows = await Child.findAll({
    where: { camp_id: camp.id },
    attributes: ['tent', [sequelize.fn('count', sequelize.col('id')), 'children']],
    group: ['tent'],
    order: ['tent'],
    raw: true,
  });
  return rows.map(({ tent, children }) => ({ tent, children: Number(children), free: 10 - Number(children) }));
}

const router = new Router();

router.param('camp', async (id, ctx, next) => {
  ctx.camp = /^\d{1,6}$/.test(id) ? await Camp.findByPk(Number(id)) : null;
  if (!ctx.camp) ctx.throw(404, 'no such camp');
  return next();
});

router.get('/healthz', (ctx) => {
  ctx.body = { status: 'ok' };
});

router.get('/camps', async (ctx) => {
  ctx.body = await Camp.findAll({ order: ['week', 'place'] });
});

router.get('/camps/:camp/kitchen', async (ctx) => {
  ctx.body = await kitchen(ctx.camp);
});

router.get('/camps/:camp/tents', async (ctx) => {
  ctx.body = await tents(ctx.camp);
});

router.get('/children/:id', async (ctx) => {
  const child = await Child.findByPk(Number(ctx.params.id) || 0, { include: ['camp', 'allergies'] });
  if (!child) ctx.throw(404, 'no such child');
  ctx.body = { name: child.firstName, camp: child.camp.place, tent: child.tent, allergies: child.allergies.map(({ food, severe }) => ({ food, severe })) };
});

const app = new Koa();
app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    ctx.status = error.status ?? 500;
    ctx.body = { error: error.status ? error.message : 'internal error' };
  }
});
app.use(router.routes());
app.use(router.allowedMethods());
app.listen(Number(process.env.PORT), '127.0.0.1');
