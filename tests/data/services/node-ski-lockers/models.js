'use strict';
const { Sequelize, DataTypes } = require('sequelize');

const sequelize = new Sequelize(process.env.DATABASE_URL, {
  dialect: 'postgres',
  logging: false,
  define: { timestamps: false, underscored: true },
  pool: { max: 3, min: 1, idle: 10_000, acquire: 30_000 },
});

const Station = sequelize.define('station', { name: DataTypes.TEXT, altitude: DataTypes.INTEGER }, { tableName: 'stations' });
const Locker = sequelize.define('locker', { size: DataTypes.TEXT, heated: DataTypes.BOOLEAN }, { tableName: 'lockers' });
const Rental = sequelize.define('rental', {
  id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  guest: DataTypes.TEXT,
  fromDay: DataTypes.DATEONLY,
  toDay: DataTypes.DATEONLY,
  returned: DataTypes.BOOLEAN,
}, { tableName: 'rentals' });

Station.hasMany(Locker);
Locker.belongsTo(Station);
Locker.hasMany(Rental);
Rental.belongsTo(Locker);

module.exports = { sequelize, Station, Locker, Rental };
