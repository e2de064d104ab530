export { datastoreMarker } from '../disk/datastores'
export { readBootId } from './host/files'
export { LibvirtHypervisor, type LibvirtOptions } from './hypervisor'
