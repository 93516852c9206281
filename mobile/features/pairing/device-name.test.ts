import { Dimensions, Platform } from 'react-native';
import { defaultDeviceName } from './device-name.ts';

afterEach(() => jest.restoreAllMocks());

test.each([
  [390, 844, 'Phone browser'],
  [844, 390, 'Phone browser'],
  [1280, 800, 'Browser'],
])('a browser on a screen of %d by %d points is called “%s” at first', (width, height, name) => {
  jest.replaceProperty(Platform, 'OS', 'web' as typeof Platform.OS);
  jest.spyOn(Dimensions, 'get').mockReturnValue({ width, height, scale: 2, fontScale: 1 });
  expect(defaultDeviceName()).toBe(name);
});
