'use strict';
const { Sequelize, DataTypes } = require('sequelize');

const sequelize = new Sequelize(process.env.DATABASE_URL, {
  dialect: 'postgres',
  logging: false,
  pool: { max: 5, min: 0, acquire: 30000, idle: 10000 },
  define: { timestamps: false, underscored: true },
});

const Berth = sequelize.define('berth', {
  id: { type: DataTypes.TEXT, primaryKey: true },
  terminal: DataTypes.INTEGER,
  length: DataTypes.INTEGER,
  draught: DataTypes.DECIMAL(4, 1),
  checkedAt: DataTypes.DATE,
}, { tableName: 'berths' });

const Stay = sequelize.define('stay', {
  id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  berthId: DataTypes.TEXT,
  ship: DataTypes.TEXT,
  arrives: DataTypes.DATE,
  leaves: DataTypes.DATE,
}, { tableName: 'stays' });

Berth.hasMany(Stay, { foreignKey: 'berthId', as: 'stays' });
Stay.belongsTo(Berth, { foreignKey: 'berthId', as: 'berth' });

module.exports = { sequelize, Berth, Stay };
