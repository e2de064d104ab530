import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A program that speaks the protocol of fence-agents, as a child process of its own: its power is a file in `dir`, what it
 * does differently is a shell snippet.
 */
export function fakeProgram(
  dir: string,
  name: string,
  on: { off?: string; status?: string; start?: string } = {},
): void {
  mkdirSync(dir, { recursive: true })
  const path = join(dir, name)
  writeFileSync(
    path,
    `#!/bin/bash
here=${dir}
if [ "$1" = -o ]; then cat <<'XML'
${metadata(name)}
XML
exit 0; fi
echo "$$ $*" >>"$here/${name}.calls"
env >"$here/${name}.env"
while IFS= read -r line; do
  declare "given_\${line%%=*}"="\${line#*=}"
  echo "$line" >>"$here/${name}.input"
done
power() { cat "$here/power" 2>/dev/null || echo on; }
${on.start ?? ''}
case $given_action in
  off) ${on.off ?? 'echo off >"$here/power"; echo "Success: Powered OFF"'} ;;
  on) echo on >"$here/power" ;;
  status) ${on.status ?? '[ "$(power)" = off ] && { echo "Status: OFF"; exit 2; }; echo "Status: ON"'} ;;
  *) exit 1 ;;
esac
`,
  )
  chmodSync(path, 0o755)
}

const metadata = (name: string) => `/usr/sbin/${name}:5: DeprecationWarning: 'pipes' is deprecated
<?xml version="1.0" ?>
<resource-agent name="${name}" shortdesc="Fence agent for tests &amp; trials" >
<symlink name="fence_other" shortdesc="Another one"/>
<longdesc>Long.</longdesc>
<parameters>
  <parameter name="action" unique="0" required="1"><content type="string" default="reboot"/></parameter>
  <parameter name="ip" unique="0" required="1" obsoletes="ipaddr"><content type="string"/>
    <shortdesc lang="en">IP address of the device</shortdesc></parameter>
  <parameter name="ipaddr" unique="0" required="1" deprecated="1"><content type="string"/></parameter>
  <parameter name="ipport" unique="0" required="0"><content type="integer" default="623"/></parameter>
  <parameter name="lanplus" unique="0" required="0"><content type="boolean" default="0"/></parameter>
  <parameter name="power_wait" unique="0" required="0"><content type="second" default="0"/></parameter>
  <parameter name="password" unique="0" required="0"><content type="string"/></parameter>
  <parameter name="password_script" unique="0" required="0"><content type="string"/></parameter>
  <parameter name="privlvl" unique="0" required="0"><content type="select" default="administrator">
    <option value="user"/><option value="administrator"/></content></parameter>
  <parameter name="debug_file" unique="0" required="0"><content type="string"/></parameter>
</parameters>
</resource-agent>`
