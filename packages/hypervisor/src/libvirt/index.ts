export { LibvirtHypervisor, type LibvirtOptions } from './hypervisor'
