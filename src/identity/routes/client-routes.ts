import { z } from 'zod'
import { identity } from '../../contracts/index.ts'
import { type Route, route } from '../../kernel/index.ts'
import { changeClient, listClients, readClient, registerClient, renewSecret } from '../clients.ts'
import { refuse } from '../errors.ts'
import { listKeys, rotateKeys } from '../keys.ts'
import { makeLaunch } from '../launches.ts'
import { refuseUnconfirmed } from '../sessions.ts'
import { readPolicy, setPolicy } from '../sign-in-policy.ts'
import { type Common, managing } from './dependencies.ts'

const named = z.object({ id: z.string().max(100) })

/** Applications, keys and the sign-in policy, as administrators keep them; and the launch of an application. */
export function clientRoutes({ database, inTx, patients, publicUrl, refuseUnknownRoles, vault }: Common): Route[] {
  return [
    route({
      ...managing,
      method: 'GET',
      path: '/api/clients',
      summary: 'The applications that may ask to be let in',
      audits: { nothing: 'registrations, without their secrets; changes to them are recorded' },
      reply: identity.clients,
      handle: async (context) => ({ body: { items: await inTx(context, listClients) } }),
    }),
    route({
      ...managing,
      method: 'POST',
      path: '/api/clients',
      summary: 'Register an application; its secret is told once',
      audits: ['client-registered'],
      body: identity.clientGiven,
      reply: identity.clientMade,
      async handle(context, { body }) {
        refuseUnknownRoles(body.roles)
        return { status: 201, body: await inTx(context, (tx) => registerClient(tx, context, body)) }
      },
    }),
    route({
      ...managing,
      method: 'GET',
      path: '/api/clients/:id',
      summary: 'One application',
      audits: { nothing: 'a registration, without its secret; changes to it are recorded' },
      params: named,
      reply: identity.client,
      handle: async (context, { params }) => ({ body: await inTx(context, (tx) => readClient(tx, params.id)) }),
    }),
    route({
      ...managing,
      method: 'PATCH',
      path: '/api/clients/:id',
      summary: 'Change an application; to disable it ends everything that it was granted',
      audits: ['client-changed'],
      params: named,
      body: identity.clientChange,
      async handle(context, { params, body }) {
        if (body.roles) refuseUnknownRoles(body.roles)
        await inTx(context, (tx) => changeClient(tx, context, params.id, body))
        return { body: {} }
      },
    }),
    route({
      ...managing,
      method: 'POST',
      path: '/api/clients/:id/secret',
      summary: 'Give an application a new secret, told once',
      audits: ['client-secret-renewed'],
      params: named,
      reply: identity.clientMade,
      handle: async (context, { params }) => ({
        body: await inTx(context, (tx) => renewSecret(tx, context, params.id)),
      }),
    }),
    route({
      ...managing,
      method: 'GET',
      path: '/api/keys',
      summary: 'The keys that identity tokens are signed with: never their private part',
      audits: { nothing: 'names of keys; what makes one is recorded' },
      reply: identity.signingKeys,
      handle: async (context) => ({ body: await inTx(context, (tx) => listKeys(tx, context)) }),
    }),
    route({
      ...managing,
      method: 'POST',
      path: '/api/keys',
      summary: 'Make a new signing key and retire the one before',
      audits: ['signing-key-made'],
      reply: identity.signingKeys,
      handle: async (context) => ({
        status: 201,
        body: await inTx(context, async (tx) => {
          await rotateKeys(tx, context, vault)
          return listKeys(tx, context)
        }),
      }),
    }),
    route({
      ...managing,
      method: 'GET',
      path: '/api/sign-in-policy',
      summary: 'What signing in demands',
      audits: { nothing: 'the policy; changes to it are recorded' },
      reply: identity.signInPolicy,
      handle: async (context) => ({ body: await inTx(context, readPolicy) }),
    }),
    route({
      ...managing,
      method: 'PUT',
      path: '/api/sign-in-policy',
      summary: 'Say what signing in demands',
      audits: ['sign-in-policy-changed'],
      body: identity.signInPolicy,
      async handle(context, { body }) {
        await inTx(context, async (tx) => {
          await refuseUnconfirmed(tx, context)
          await setPolicy(tx, context, body)
        })
        return { body }
      },
    }),
    route({
      method: 'POST',
      path: '/api/launches',
      summary: 'Launch an application for a patient: the address to open, good once and for five minutes',
      access: { permission: 'record.read' },
      style: 'api',
      audits: ['application-launched'],
      body: identity.launchGiven,
      reply: identity.launchMade,
      async handle(context, { body }) {
        if (body.patient !== undefined && !(await patients.read(context, body.patient)))
          throw refuse('patient-not-found', { faults: [{ path: 'patient', message: 'is unknown to you' }] })
        const only = (await database.tenants()).length === 1
        const issuer = only ? `${publicUrl}/fhir` : `${publicUrl}/t/${context.tenant}/fhir`
        return { status: 201, body: await inTx(context, (tx) => makeLaunch(tx, context, body, issuer)) }
      },
    }),
  ]
}
