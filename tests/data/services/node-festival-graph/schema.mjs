// The graph that the festival's app asks.
import { GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import * as store from './store.mjs';

const required = (type) => new GraphQLNonNull(type);
const listOf = (type) => required(new GraphQLList(required(type)));

const Label = new GraphQLObjectType({
  name: 'Label',
  fields: { name: { type: required(GraphQLString) }, country: { type: required(GraphQLString) } },
});

const Act = new GraphQLObjectType({
  name: 'Act',
  fields: () => ({
    name: { type: required(GraphQLString) },
    genre: { type: required(GraphQLString) },
    label: { type: Label, resolve: (act) => (act.label_id ? store.labelById(act.label_id) : null) },
    sets: { type: listOf(PlayedSet), resolve: (act) => store.setsOfAct(act.id) },
  }),
});

const Person = new GraphQLObjectType({
  name: 'Person',
  fields: { name: { type: required(GraphQLString) }, trade: { type: required(GraphQLString) } },
});

const PlayedSet = new GraphQLObjectType({
  name: 'Set',
  fields: () => ({
    stage: { type: required(GraphQLString) },
    starts: { type: required(GraphQLString) },
    minutes: { type: required(GraphQLInt) },
    act: { type: required(Act), resolve: (set) => store.actById(set.act_id) },
    crew: { type: listOf(Person), resolve: (set) => store.crewOf(set.id) },
  }),
});

const Stage = new GraphQLObjectType({
  name: 'Stage',
  fields: { name: { type: required(GraphQLString) }, holds: { type: required(GraphQLInt) } },
});

const Query = new GraphQLObjectType({
  name: 'Query',
  fields: {
    day: {
      type: listOf(PlayedSet),
      args: { on: { type: required(GraphQLString) } },
      resolve: (_, { on }) => {
        if (!/^\d{4}-\d\d-\d\d$/.test(on)) throw new Error(`not a day: ${on}`);
        return store.setsOn(on);
      },
    },
    acts: {
      type: listOf(Act),
      args: { name: { type: required(GraphQLString) }, first: { type: GraphQLInt, defaultValue: 10 } },
      resolve: (_, { name, first }) => store.actsLike(name, Math.min(50, Math.max(1, first))),
    },
    stages: { type: listOf(Stage), resolve: () => store.stages() },
  },
});

export const schema = new GraphQLSchema({ query: Query });
