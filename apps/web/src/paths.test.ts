import { describe, expect, it } from 'vitest'
import { nouns, type Place, paths, pathTo, placeAt, tabsOf } from './paths'

const everywhere: Place[] = [
  ...nouns.flatMap((noun) =>
    tabsOf[noun].map(
      (tab) =>
        (noun === 'root'
          ? { page: 'object', noun, id: null, tab }
          : { page: 'object', noun, id: `${noun}-7`, tab }) as Place,
    ),
  ),
  { page: 'task', id: 'task-7' },
  { page: 'incident', id: 'incident-7' },
  { page: 'decision', id: 'decision-7' },
  { page: 'users' },
  { page: 'account' },
]

describe('addresses', () => {
  it('are these', () => {
    expect(everywhere.map(pathTo)).toMatchInlineSnapshot(`
      [
        "/",
        "/vms",
        "/hosts",
        "/decisions",
        "/incidents",
        "/alarms",
        "/tasks",
        "/events",
        "/datacenters/7",
        "/datacenters/7/vms",
        "/datacenters/7/hosts",
        "/datacenters/7/incidents",
        "/datacenters/7/alarms",
        "/datacenters/7/tasks",
        "/datacenters/7/events",
        "/clusters/7",
        "/clusters/7/recommendations",
        "/clusters/7/decisions",
        "/clusters/7/power",
        "/clusters/7/ha",
        "/clusters/7/what-if",
        "/clusters/7/rules",
        "/clusters/7/vms",
        "/clusters/7/hosts",
        "/clusters/7/incidents",
        "/clusters/7/alarms",
        "/clusters/7/tasks",
        "/clusters/7/events",
        "/hosts/7",
        "/hosts/7/monitor",
        "/hosts/7/configure",
        "/hosts/7/vms",
        "/hosts/7/incidents",
        "/hosts/7/tasks",
        "/hosts/7/events",
        "/vms/7",
        "/vms/7/monitor",
        "/vms/7/configure",
        "/vms/7/tasks",
        "/vms/7/events",
        "/datastores/7",
        "/datastores/7/vms",
        "/datastores/7/hosts",
        "/datastores/7/events",
        "/networks/7",
        "/networks/7/vms",
        "/networks/7/hosts",
        "/networks/7/events",
        "/tasks/7",
        "/incidents/7",
        "/decisions/7",
        "/administration/users",
        "/account",
      ]
    `)
  })

  it('lead back to where they came from', () => {
    for (const place of everywhere) expect(placeAt(pathTo(place))).toEqual(place)
  })

  it('that nobody made lead nowhere', () => {
    for (const path of [
      '/vms/web',
      '/hosts/1/hosts',
      '/vms/1/events/2',
      '/nonsense',
      '/tasks/1/events',
      '/7',
    ]) {
      expect(placeAt(path), path).toEqual({ page: 'nowhere' })
    }
  })

  it('remember where to go after signing in', () => {
    expect(paths.signIn('/vms/7?x=1')).toBe('/sign-in?next=%2Fvms%2F7%3Fx%3D1')
    expect(paths.signIn('/')).toBe('/sign-in')
  })
})
