// iOS and Android read QR codes in the camera itself; only the web variant of this module installs something.
export {};
