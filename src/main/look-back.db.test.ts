import { expect, test } from 'vitest'
import { useAutomations } from '../../testkit/automations.ts'
import { useHouse } from '../../testkit/house.ts'

const house = useHouse()
const { inAlpha, publish, rise, standing, refer, stop } = useAutomations(house)
const at = (site: string) => ({ locationReference: [{ reference: `Location/${site}` }] })
const lookedBackAt = (incident: string) =>
  inAlpha((tx) =>
    tx.query<{ patient: string }>({
      text: 'select patient from look_back where tenant_id = $1 and incident = $2 order by patient',
      values: [tx.tenant, incident],
    }),
  )

test('a rise at one site vouches for nothing at another: a stop there looks back past it', async () => {
  await publish()
  await rise('shadow')
  await standing('recommend')
  house.clock.advance(60_000)
  await refer('east-before', at('east'))
  await refer('west-before', at('west'))
  await standing('off', { site: 'Location/east' })
  house.clock.advance(60_000)
  await rise('shadow', { site: 'Location/east' })
  await standing('recommend', { site: 'Location/east' })
  house.clock.advance(60_000)
  await refer('east-after', at('east'))
  await refer('west-after', at('west'))

  const west = await stop('It is too hasty in the west.', undefined, { site: 'Location/west' })
  expect((await lookedBackAt(west.incident)).map(({ patient }) => patient)).toEqual([
    'Patient/west-after-patient',
    'Patient/west-before-patient',
  ])
  const east = await stop('And in the east.', undefined, { site: 'Location/east' })
  expect((await lookedBackAt(east.incident)).map(({ patient }) => patient)).toEqual(['Patient/east-after-patient'])
  const everywhere = await stop('Everywhere, then.')
  expect((await lookedBackAt(everywhere.incident)).map(({ patient }) => patient)).toHaveLength(4)
})
