import { Tabs, useRouter } from 'expo-router';
import { useSafeAreaInsets } from 'react-native-safe-area-context';
import { spacing, type as typeScale } from '../../../contract/design/tokens.ts';
import { t } from '../../texts/t.ts';
import { IconButton } from '../../ui/icon-button.tsx';
import { Icon } from '../../ui/icon.tsx';
import type { IconName } from '../../ui/icon.tsx';
import { useTheme } from '../../ui/theme.tsx';

const tabs: readonly { name: string; title: string; icon: IconName }[] = [
  { name: 'index', title: t.tabs.inbox, icon: 'inbox' },
  { name: 'agents', title: t.tabs.agents, icon: 'agents' },
  { name: 'new-task', title: t.tabs.newTask, icon: 'plus' },
  { name: 'host', title: t.tabs.host, icon: 'host' },
];

function SettingsButton() {
  const router = useRouter();
  const open = (): void => {
    router.push('/settings');
  };
  return <IconButton icon="settings" label={t.common.settings} onPress={open} />;
}

/** Room for the icon and one line of label, with a target of more than 44 points. */
const BAR_HEIGHT = 64;

export default function TabsLayout() {
  const { palette } = useTheme();
  const { bottom } = useSafeAreaInsets();
  const { size, line } = typeScale.caption;
  return (
    <Tabs
      screenOptions={{
        animation: 'none',
        headerRight: () => <SettingsButton />,
        headerShadowVisible: false,
        headerStyle: { backgroundColor: palette.surface },
        headerTitleStyle: { color: palette.text },
        sceneStyle: { backgroundColor: palette.background },
        tabBarActiveTintColor: palette.accent,
        tabBarInactiveTintColor: palette.textMuted,
        tabBarLabelStyle: { fontSize: size, lineHeight: line },
        tabBarStyle: {
          height: BAR_HEIGHT + bottom,
          paddingTop: spacing.xs,
          backgroundColor: palette.surface,
          borderTopColor: palette.border,
        },
      }}
    >
      {tabs.map(({ name, title, icon }) => (
        <Tabs.Screen
          key={name}
          name={name}
          options={{
            title,
            tabBarIcon: ({ color }) => <Icon name={icon} colour={String(color)} size={24} />,
          }}
        />
      ))}
    </Tabs>
  );
}
