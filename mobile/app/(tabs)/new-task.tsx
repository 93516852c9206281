import { NewTaskScreen } from '../../features/tasks/new-task-screen.tsx';

export default NewTaskScreen;
