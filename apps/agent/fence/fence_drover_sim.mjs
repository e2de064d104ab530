import { connect } from 'node:net'

/**
 * The fence program of a simulated data centre (`drover-agent simulate`), speaking as those of fence-agents do: parameters
 * as name=value on standard input; exit code 0 is "done" or "on", 2 "off", 1 an error.
 */
const metadata = `<?xml version="1.0" ?>
<resource-agent name="fence_drover_sim" shortdesc="Management board of a host in Drover's simulated data centre">
<parameters>
  <parameter name="action" unique="0" required="1"><content type="string" default="off"/></parameter>
  <parameter name="socket" unique="0" required="1"><content type="string"/>
    <shortdesc lang="en">power.sock in the directory of the simulated data centre</shortdesc></parameter>
  <parameter name="plug" unique="0" required="1"><content type="string"/>
    <shortdesc lang="en">Name of the host</shortdesc></parameter>
</parameters>
<actions><action name="on"/><action name="off"/><action name="status"/><action name="metadata"/></actions>
</resource-agent>`

const words = process.argv.slice(2).join(' ')
if (/(-o |--action=)metadata/.test(words)) {
  console.log(metadata)
  process.exit(0)
}
const given = new Map()
process.stdin.setEncoding('utf8')
let input = ''
for await (const text of process.stdin) input += text
for (const line of input.split('\n')) {
  const at = line.indexOf('=')
  if (at > 0) given.set(line.slice(0, at).trim(), line.slice(at + 1).trim())
}
const action = given.get('action') ?? 'off'
const socket = connect(given.get('socket') ?? '')
socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')))
socket.setEncoding('utf8')
socket.on('error', (error) => fail(`the simulated data centre cannot be reached: ${error.message}`))
socket.on('connect', () => socket.write(`${action} ${given.get('plug') ?? ''}\n`))
let answer = ''
socket.on('data', (text) => {
  answer += text
})
socket.on('end', () => {
  const state = answer.trim()
  if (state !== 'on' && state !== 'off') fail(state.replace(/^error /, '') || 'no answer')
  console.log(`Status: ${state.toUpperCase()}`)
  process.exit(action === 'status' && state === 'off' ? 2 : 0)
})

function fail(why) {
  console.error(`Failed: ${why}`)
  process.exit(1)
}
