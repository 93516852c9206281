const path = require('node:path');
const { getDefaultConfig } = require('expo/metro-config');

const mobileRoot = __dirname;
const contractRoot = path.resolve(mobileRoot, '..', 'contract');

const config = getDefaultConfig(mobileRoot);

// The contract is plain TypeScript outside this package: watch it, and compile it like our own files.
config.watchFolders = [...(config.watchFolders ?? []), contractRoot];

// Packages that the contract imports (zod, @noble) come from this package, never from the desktop's node_modules,
// so that the phone carries each of them once and in the version of its own lockfile.
const inherited = config.resolver.resolveRequest;
config.resolver.resolveRequest = (context, name, platform) => {
  const resolve = inherited ?? context.resolveRequest;
  const isPackage = !name.startsWith('.') && !path.isAbsolute(name);
  const fromContract = context.originModulePath.startsWith(contractRoot + path.sep);
  if (!isPackage || !fromContract) return resolve(context, name, platform);
  return resolve({ ...context, originModulePath: path.join(mobileRoot, 'package.json') }, name, platform);
};

module.exports = config;
